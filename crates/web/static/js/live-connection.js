// One connection to the server's events, with replay. The id of an event is its place in the journal, so whoever knows
// the last one they saw can be given the rest. Used by the shared worker, and by the page itself where there is none.

const KEPT = 500;
const SILENCE_MS = 45_000;
const RETRY_MS = [1000, 2000, 4000, 8000, 15000];

/**
 * Connects after journal place `seq` and keeps trying. Calls `say({kind, ...})` with `state` (live, since), `changed`
 * (id, topics, and with each tick the server's `now`), `resync` and `refused`.
 */
export class LiveConnection {
  constructor(seq, say) {
    this.seq = seq;
    this.first = seq;
    this.say = say;
    this.kept = [];
    this.live = false;
    this.since = Date.now();
    this.tries = 0;
    this.open();
  }

  /** What a page that stands at `seq` has missed, or `null` when that is no longer known. */
  missed(seq) {
    if (seq < this.first) return null;
    return this.kept.filter((event) => event.id > seq);
  }

  open() {
    this.source = new EventSource(`/api/v1/live?after=${this.seq}`);
    this.source.onopen = () => {
      this.tries = 0;
      this.setLive(true);
      this.watch();
    };
    this.source.onerror = () => this.lost();
    this.source.addEventListener("changed", (event) => this.changed(event));
    this.source.addEventListener("resync", (event) => {
      this.advance(event);
      this.kept = [];
      this.first = this.seq;
      this.watch();
      this.say({ kind: "resync" });
    });
    this.source.addEventListener("beat", () => this.watch());
  }

  changed(event) {
    this.watch();
    this.advance(event);
    let topics;
    let now;
    try {
      ({ topics, now } = JSON.parse(event.data));
    } catch {
      this.say({ kind: "resync" });
      return;
    }
    const change = { kind: "changed", id: this.seq, topics, now };
    this.kept.push(change);
    if (this.kept.length > KEPT) this.first = this.kept.shift().id;
    this.say(change);
  }

  advance(event) {
    const id = Number(event.lastEventId);
    if (Number.isSafeInteger(id) && id > this.seq) this.seq = id;
  }

  /** A stream that says nothing, not even its beat, is not live, whatever the socket believes. */
  watch() {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.lost(), SILENCE_MS);
  }

  lost() {
    clearTimeout(this.silence);
    this.source.close();
    this.setLive(false);
    const wait = RETRY_MS[Math.min(this.tries++, RETRY_MS.length - 1)];
    setTimeout(() => this.check(), wait);
  }

  /** EventSource hides why it was refused; a plain request tells a logged-out page from a server that is down. */
  async check() {
    try {
      const answer = await fetch("/api/v1/live/check", { redirect: "manual", cache: "no-store" });
      if (answer.status === 401 || answer.type === "opaqueredirect") {
        this.say({ kind: "refused" });
        return;
      }
    } catch {
      // Down: the next try tells.
    }
    this.open();
  }

  setLive(live) {
    if (this.live !== live) this.since = Date.now();
    this.live = live;
    this.say({ kind: "state", live, since: this.since });
  }
}
