import type * as Worker from "./worker.ts";

declare global {
  // What the seed's programs call the bindings' type, as `wrangler types` would write it.
  interface Env extends Cloudflare.Env {}

  namespace Cloudflare {
    interface Env {
      SQLITE: DurableObjectNamespace<Worker.SqliteObject>;
      KV: DurableObjectNamespace<Worker.KvObject>;
      FAILING_COMMIT: DurableObjectNamespace<Worker.FailingCommitObject>;
      LISTENER: DurableObjectNamespace;
      UserConnection: DurableObjectNamespace;
      SeedShallow: DurableObjectNamespace;
      SeedDeep: DurableObjectNamespace;
      SeedErrors: DurableObjectNamespace;
      SeedDirect: DurableObjectNamespace;
      SeedBoth: DurableObjectNamespace;
      CounterConnection: DurableObjectNamespace;
      TabsConnection: DurableObjectNamespace;
      DeepConnection: DurableObjectNamespace;
      StrictConnection: DurableObjectNamespace;
      PairConnection: DurableObjectNamespace;
      GroupConnection: DurableObjectNamespace;
      TokenConnection: DurableObjectNamespace;
      TypedConnection: DurableObjectNamespace;
      RoomGuest: DurableObjectNamespace;
      ChatRoom: DurableObjectNamespace;
      PlainObject: DurableObjectNamespace<Worker.PlainObject>;
      KvConnection: DurableObjectNamespace;
      COUNTER: DurableObjectNamespace<Worker.Counter>;
      DocstringConnection: DurableObjectNamespace;
      DocstringRoom: DurableObjectNamespace<
        InstanceType<typeof Worker.DocstringRoom> & Rpc.DurableObjectBranded
      >;
      PROFILE: DurableObjectNamespace<Worker.Profile>;
      Inspected: DurableObjectNamespace;
      InspectedPlainRoom: DurableObjectNamespace;
      InspectedRoom: DurableObjectNamespace;
      Journal: DurableObjectNamespace;
      LARDER: DurableObjectNamespace<Worker.Larder>;
      INSPECT_TOKEN: string;
      NotInspected: DurableObjectNamespace;
      GUEST: DurableObjectNamespace;
      LOBBY: DurableObjectNamespace;
      PLAYER: DurableObjectNamespace;
      NOTEBOOK: DurableObjectNamespace;
      GUARDED: DurableObjectNamespace;
      CHANNEL: DurableObjectNamespace;
      PLAN: DurableObjectNamespace;
      TIMER: DurableObjectNamespace<import("./docs/connections-and-rooms.ts").Timer>;
      OwnConnection: DurableObjectNamespace<import("./objects/own.ts").OwnConnection>;
      OwnRoom: DurableObjectNamespace<import("./objects/own.ts").OwnRoom>;
      HostileConnection: DurableObjectNamespace;
      PickyRoom: DurableObjectNamespace;
      BrokenRoom: DurableObjectNamespace;
      ListedConnection: DurableObjectNamespace;
      LawGuest: DurableObjectNamespace;
      LawGroupGuest: DurableObjectNamespace;
      LawForgetfulGuest: DurableObjectNamespace;
    }
    interface GlobalProps {
      mainModule: typeof Worker;
    }
  }
}
