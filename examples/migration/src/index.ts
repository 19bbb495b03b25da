import { DurableObject } from "cloudflare:workers";
import { persisted } from "@dormouse/do-runtime";

// #region migrate
/** Brings what an older version stored to the shape of this one. What gave no version was version 0. */
function migrate(old: Record<string, unknown>, fromVersion: number) {
  if (fromVersion < 1) {
    // Version 0 kept the name in one piece.
    const [first = "", ...rest] = String(old["name"]).split(" ");
    old["first"] = first;
    old["last"] = rest.join(" ");
    delete old["name"];
  }
  if (fromVersion < 2) {
    // Version 1 kept the tags in an array.
    old["tags"] = new Set(old["tags"] as string[]);
  }
}

export class Profile extends DurableObject {
  #store = persisted(this.ctx.storage, {
    state: { first: "", last: "", tags: new Set<string>() },
    persistOptions: { shallow: false },
    version: 2,
    migrate,
  });

  async tag(name: string) {
    const { state } = await this.#store;
    state.tags.add(name);
    return `${state.first} ${state.last}: ${[...state.tags].join(", ")}`;
  }
}
// #endregion

export default {
  fetch: async (request, env) => {
    const [, user = "", tag = ""] = new URL(request.url).pathname.split("/");
    return new Response(await env.PROFILE.getByName(user).tag(tag));
  },
} satisfies ExportedHandler<{ PROFILE: DurableObjectNamespace<Profile> }>;
