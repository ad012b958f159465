/** A way to break something, as data. Whatever it does is undone by `repair`, which needs to know nothing of it. */
export type Fault =
  | {
      /** Fields of one of the environment's objects are set, by server-side apply. */
      readonly kind: "patch";
      readonly target: { readonly kind: string; readonly name: string };
      readonly patch: object;
    }
  | {
      /** A file of the monitoring says something else, and is read. */
      readonly kind: "file";
      readonly configMap: string;
      readonly file: string;
      readonly change: (text: string) => string;
    }
  | {
      /** A pod runs a command of `cloudnova-helper drill`. */
      readonly kind: "pod";
      readonly name: string;
      readonly args: readonly string[];
      /** Whether it has a folder of its own on the node's disk at /volume, which goes with it. @default false */
      readonly scratch?: boolean;
      /** Whether its container is started again when it ends. @default false */
      readonly restarts?: boolean;
    }
  | {
      /** Requests to the application with its fault token, for as long as this program runs. */
      readonly kind: "requests";
      readonly path: string;
      /** How many at a time. */
      readonly parallel: number;
    }
  | {
      /** The ingress's certificate is replaced by one that lasts so many days. */
      readonly kind: "certificate";
      readonly days: number;
    };
