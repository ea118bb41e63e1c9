/**
 * Asks again: when the page is looked at again, and at an interval that grows as long as the page just stays open, so
 * that forgotten pages cost the shop little; more seldom, too, while no answer comes.
 */

const SOONEST_MS = 5_000;
const LATEST_MS = 300_000;
/** By so much each interval is longer than the one before. */
const GROWTH = 1.2;

/** Runs a job as long as its element stands in the page and somebody looks at the page. */
export class Watch {
  /**
   * @param {() => Promise<unknown>} job rejects where no answer came
   * @param {() => number} seconds between two answers; 0 never asks again by itself
   */
  constructor(job, seconds) {
    this.job = job;
    this.seconds = seconds;
    this.failures = 0;
    this.rounds = 0;
    this.ran = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.running = false;
    this.looked = () => {
      clearTimeout(this.timer);
      this.rounds = 0;
      if (!document.hidden) this.later(Math.max(0, this.ran + SOONEST_MS - Date.now()));
    };
  }

  start() {
    document.addEventListener("visibilitychange", this.looked);
    this.running = true;
    return this.now();
  }

  stop() {
    document.removeEventListener("visibilitychange", this.looked);
    this.running = false;
    clearTimeout(this.timer);
  }

  async now() {
    clearTimeout(this.timer);
    this.ran = Date.now();
    try {
      await this.job();
      this.failures = 0;
    } catch {
      this.failures += 1;
    }
    const first = Math.max(this.seconds() * 1_000, this.seconds() && SOONEST_MS);
    const pause = Math.max(first, Math.min(LATEST_MS, first * GROWTH ** this.rounds));
    this.rounds += 1;
    const backoff = Math.min(LATEST_MS, (pause || SOONEST_MS * 2) * 2 ** this.failures);
    // Pages that lost the API together do not come back together.
    if (this.failures) this.later(backoff * (0.5 + Math.random() / 2));
    else if (pause) this.later(pause);
  }

  /** @param {number} ms */
  later(ms) {
    clearTimeout(this.timer);
    if (this.running && !document.hidden) this.timer = setTimeout(() => this.now(), ms);
  }
}
