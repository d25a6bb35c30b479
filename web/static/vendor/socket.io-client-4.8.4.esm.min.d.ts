/** What the page uses of socket.io-client 4.8.4. Its own types are in the package, and say far more. */

export type Socket = {
  readonly connected: boolean;
  on(event: "disconnect", listener: (why: string) => void): Socket;
  /** What a message brings is not known here: its listener says what it expects. */
  on(event: string, listener: (message: any) => void): Socket;
  disconnect(): Socket;
};

/** Connects to the page's own origin. */
export function io(options: { transports: string[]; tryAllTransports: boolean; reconnectionDelayMax: number }): Socket;
