// Durations, times and words as the page shows them.

const SECOND = 1_000_000;

const time = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const shortDate = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

/** Labels of states, outcomes, directions and steps. */
export const LABELS = {
  ringing: "Ringing", waiting: "Waiting", talking: "Talking", held: "On hold", ended: "Ended",
  answered: "Answered", missed: "Missed", abandoned: "Abandoned", voicemail: "Voicemail", busy: "Busy", failed: "Failed", unknown: "Unknown",
  inbound: "Inbound", outbound: "Outbound", internal: "Internal",
  offered: "Offered", queued: "Queued", rang: "Rang", parked: "Parked", transferred: "Transferred",
  free: "Free", away: "Away", offline: "Offline",
};

/** Label of a state, outcome, direction or step; one that is new here is shown as sent. */
export function label(name) {
  return LABELS[name] ?? name;
}

/** Duration such as `0:07`, `12:40` or `1:02:03`; a dash if it is unknown. */
export function duration(us) {
  if (us === null || us === undefined) return "–";
  const seconds = Math.max(0, Math.floor(us / SECOND));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = String(seconds % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** Time of day in the reader's time zone. */
export function timeOfDay(us) {
  return time.format(us / 1000);
}

/** Date and time in the reader's time zone. */
export function fullTime(us) {
  return dateTime.format(us / 1000);
}

/** Time of day, preceded by the date unless it is today. */
export function shortTime(us) {
  const at = new Date(us / 1000);
  const isToday = at.toDateString() === new Date().toDateString();
  return isToday ? time.format(at) : `${shortDate.format(at)}, ${time.format(at)}`;
}

/** Local calendar day as `YYYY-MM-DD`. */
export function localDay(at) {
  const two = (number) => String(number).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** Name of the other end of a call: name, else number. */
export function customer(call) {
  return call.customer_name || call.customer || "Unknown caller";
}
