// The only module that imports the platform; package.json's "imports" has it only where the platform is.
export { DurableObject, env } from "cloudflare:workers";
