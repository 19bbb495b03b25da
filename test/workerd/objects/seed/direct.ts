// "Direct Storage Access"; the handlers are the seed's.
import { createConnectionHandler, defineConnection } from "@dormouse/do-runtime";

const connection = defineConnection({ name: "SeedDirect" });

connection.on("saveNote", async (ctx, data) => {
  const storage = ctx.actor.getStorage();

  // Write any serializable value
  await storage.put(`note:${data.id}`, {
    text: data.text,
    createdAt: Date.now(),
    author: ctx.meta.userId,
  });
});

connection.on("getNotes", async (ctx) => {
  const storage = ctx.actor.getStorage();

  // List all notes (prefix scan)
  const notes = await storage.list<{ text: string; createdAt: number }>({
    prefix: "note:",
  });

  const noteList = Array.from(notes.values());
  ctx.emit.emit("notes", { notes: noteList });
});

connection.on("deleteNote", async (ctx, data) => {
  const storage = ctx.actor.getStorage();
  await storage.delete(`note:${data.id}`);
});

connection.on("transfer", async (ctx, data) => {
  const storage = ctx.actor.getStorage();

  await storage.transaction(async (txn) => {
    const balance = (await txn.get<number>("balance")) ?? 0;

    if (balance < data.amount) {
      ctx.emit.emit("error", { message: "Insufficient balance" });
      return;
    }

    await txn.put("balance", balance - data.amount);
    await txn.put(`txn:${crypto.randomUUID()}`, {
      amount: data.amount,
      to: data.recipient,
      timestamp: Date.now(),
    });
  });
});

connection.on("query", async (ctx) => {
  const storage = ctx.actor.getStorage();

  // Use the sql tagged template
  storage.sql.exec(
    `CREATE TABLE IF NOT EXISTS messages (
      id TEXT PRIMARY KEY,
      text TEXT NOT NULL,
      author TEXT NOT NULL,
      created_at INTEGER NOT NULL
    )`,
  );

  const rows = storage.sql.exec(`SELECT * FROM messages ORDER BY created_at DESC LIMIT 50`).toArray();

  ctx.emit.emit("history", { messages: rows });
});

// Not the seed's: what its programs leave to the reader.
connection.on("deposit", async (ctx, data) => {
  await ctx.actor.getStorage().put("balance", data.amount);
});
connection.on("balance", async (ctx) => {
  const storage = ctx.actor.getStorage();
  const transfers = await storage.list<{ amount: number; to: string }>({ prefix: "txn:" });
  const list = Array.from(transfers.values(), ({ amount, to }) => ({ amount, to }));
  ctx.emit.emit("balance", { balance: await storage.get("balance"), transfers: list });
});

export const SeedDirect = createConnectionHandler(connection);
