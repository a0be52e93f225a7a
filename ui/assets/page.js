/* The page's behaviour. Gradio runs this once, with `element` (the column beside the conversation) and `server`
   (whose read() gives an article as HTML). The conversation itself is rendered by the server and updated in place;
   everything here listens on the document, so nothing has to be bound again after an update. */

const side = element.querySelector(".cw-side-inner");
const page = side.querySelector(".cw-page");
const narrow = window.matchMedia("(max-width: 999px)");
const find = (selector) => document.querySelector(selector);

/* What is kept for this tab: never more than a key, the ticked articles and the theme. */
const kept = {
  get: (name, store = "sessionStorage") => { try { return window[store].getItem(`citewell-${name}`); } catch { return null; } },
  set: (name, value, store = "sessionStorage") => { try { window[store].setItem(`citewell-${name}`, value); } catch { /* private mode */ } },
};

function makeKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
const tab = kept.get("tab") ?? makeKey();
kept.set("tab", tab);

/* ---- Questions ---- */

const ticks = () => [...side.querySelectorAll("input[data-only]")];

function only() {
  const chosen = ticks().filter((tick) => tick.checked).map((tick) => tick.dataset.only);
  return chosen.length === 0 || chosen.length === ticks().length ? "" : JSON.stringify(chosen);
}

function showTicks() {
  const chosen = ticks().filter((tick) => tick.checked).length, all = ticks().length;
  side.querySelector(".cw-asked-count").textContent =
    chosen === all || chosen === 0 ? "all are asked" : `${chosen} of ${all} are asked`;
  const button = find('.cw-bar [data-act="library"]');
  button.textContent = chosen === all || chosen === 0 ? button.dataset.all : `${chosen} of ${button.dataset.all}`;
  kept.set("only", only());
}

function setTicks(wanted) {
  for (const tick of ticks()) tick.checked = wanted(tick.dataset.only);
  showTicks();
}

/* Shows a question before the server has heard of it; the first update takes the place of this. */
function stand(question) {
  if (!question.trim()) return;
  const turns = find(".cw-turns");
  turns.querySelector(".cw-intro")?.remove();
  const turn = document.createElement("section");
  turn.className = "cw-turn";
  turn.dataset.running = "";
  turn.innerHTML = '<h2 class="cw-question" dir="auto"></h2><p class="cw-asked"></p><div class="cw-answer"></div>' +
    '<p class="cw-status" role="status"><span>Looking for the closest sentences …</span></p>';
  turn.querySelector("h2").textContent = question.trim();
  turns.append(turn);
  find("#cw-thread").scrollTop = turn.offsetTop;
}

window.citewell = {
  given(values) {
    if (values.length === 3) stand(values[0]);
    return [...values.slice(0, -2), tab, only()];
  },
};

function write(question) {
  const box = find("#cw-box textarea");
  box.value = question;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
}

function ask(question) {
  write(question);
  setTimeout(() => find("#cw-send").click(), 0);
}

/* ---- The card at a mark ---- */

const card = document.createElement("div");
card.className = "cw-card";
card.hidden = true;
card.setAttribute("aria-hidden", "true"); // its words are the mark's description already
document.body.append(card);
let hiding = 0;

function showCard(mark) {
  clearTimeout(hiding);
  const source = mark.closest(".cw-turn").querySelector(`.cw-source[data-number="${mark.dataset.number}"] > div`);
  if (!source) return;
  card.innerHTML = source.innerHTML;
  card.hidden = false;
  const at = mark.getBoundingClientRect(), size = card.getBoundingClientRect(), gap = 6;
  const below = at.bottom + gap + size.height < window.innerHeight || at.top < size.height + gap;
  card.style.top = `${below ? at.bottom + gap : at.top - size.height - gap}px`;
  card.style.left = `${Math.max(12, Math.min(at.left - 24, window.innerWidth - size.width - 12))}px`;
}

function hideCard(delay = 0) {
  clearTimeout(hiding);
  hiding = setTimeout(() => { card.hidden = true; }, delay);
}

document.addEventListener("pointerover", (event) => {
  if (event.pointerType === "touch") return;
  const mark = event.target.closest?.(".cw-mark");
  if (mark) showCard(mark);
  else if (event.target.closest?.(".cw-card")) clearTimeout(hiding);
  else if (!card.hidden) hideCard(150);
});
document.addEventListener("focusin", (event) => {
  const mark = event.target.closest?.(".cw-mark");
  if (mark?.matches(":focus-visible")) showCard(mark);
  else if (!card.hidden) hideCard();
});
document.addEventListener("scroll", () => { if (!card.hidden) hideCard(); }, { capture: true, passive: true });

/* ---- The reader ---- */

let shown = null; // what the reader shows: { article, sentence, turn }
let opener = null; // where focus goes back to
let latest = 0;

const sources = (turn) => [...(document.getElementById(turn)?.querySelectorAll(".cw-source") ?? [])];
const isAt = (source, place) => source.dataset.article === place.article && Number(source.dataset.sentence) === place.sentence;

async function open(place, { focus = true } = {}) {
  const call = ++latest;
  const wasOpen = find("#cw-columns").dataset.open !== undefined;
  shown = place; // at once, so that keys pressed in quick succession count
  const cited = sources(place.turn).filter((s) => s.dataset.article === place.article).map((s) => Number(s.dataset.sentence));
  const html = await read({ article: place.article, sentence: place.sentence, cited });
  if (call !== latest) return;
  if (!wasOpen && narrow.matches) history.pushState({ citewell: "side" }, "");
  page.innerHTML = html;
  side.querySelector(".cw-bar-title").textContent = page.querySelector("h2")?.textContent ?? "";
  side.dataset.view = "article";
  showSide(true);
  const now = page.querySelector("#cw-now");
  now ? centre(now) : page.scrollTo(0, 0);
  if (focus) page.querySelector("h2")?.focus({ preventScroll: true });
  const link = new URLSearchParams({ article: place.article });
  if (place.sentence !== null) link.set("sentence", place.sentence);
  history.replaceState(history.state, "", `#${link}`);
  showPlace();
}

async function read(wanted) {
  try {
    return await server.read(wanted);
  } catch {
    return '<p class="cw-note">The article could not be loaded. Is citewell still running?</p>';
  }
}

function centre(now) {
  now.closest("details")?.setAttribute("open", "");
  const marks = page.querySelectorAll("mark.cw-now");
  const top = marks[0].getBoundingClientRect().top, bottom = marks[marks.length - 1].getBoundingClientRect().bottom;
  const space = Math.max(24, (page.clientHeight - (bottom - top)) / 2.5);
  page.scrollTop += top - page.getBoundingClientRect().top - space;
}

function close() {
  latest++;
  const wasSheet = narrow.matches && find("#cw-columns").dataset.open !== undefined;
  shown = null;
  side.dataset.view = "library";
  showSide(false);
  history.replaceState(wasSheet ? null : history.state, "", location.pathname + location.search);
  showPlace();
  (opener?.isConnected ? opener : find("#cw-box textarea"))?.focus({ preventScroll: true });
  opener = null;
}

function showSide(isOpen) {
  const columns = find("#cw-columns");
  if (isOpen) columns.dataset.open = ""; else delete columns.dataset.open;
  find("#cw-talk").inert = isOpen && narrow.matches;
}

function library() {
  side.dataset.view = "library";
  shown = null;
  if (narrow.matches && find("#cw-columns").dataset.open === undefined) history.pushState({ citewell: "side" }, "");
  showSide(true);
  showPlace();
}

/* Which citation of how many, here and on the mark itself. Runs again after every update of the conversation. */
function showPlace() {
  const list = shown ? sources(shown.turn) : [];
  const at = shown ? list.findIndex((source) => isAt(source, shown)) : -1;
  side.querySelector(".cw-place").textContent = at < 0 ? "" : `${at + 1} of ${list.length}`;
  for (const act of ["previous", "next"]) side.querySelector(`[data-act="${act}"]`).hidden = list.length < 2;
  for (const link of document.querySelectorAll("#cw-thread [data-sentence]")) {
    const current = at >= 0 && link.closest(".cw-turn").id === shown.turn && isAt(link, shown);
    if (current !== link.hasAttribute("data-current")) link.toggleAttribute("data-current", current);
  }
}

function step(by) {
  const list = shown ? sources(shown.turn) : [];
  if (!list.length) return;
  const at = list.findIndex((source) => isAt(source, shown));
  const { article, sentence } = list[(at + by + list.length) % list.length].dataset;
  open({ article, sentence: Number(sentence), turn: shown.turn }, { focus: false });
}

function openLink() {
  const link = new URLSearchParams(location.hash.slice(1));
  if (!link.get("article")) return;
  const sentence = link.has("sentence") ? Number(link.get("sentence")) : null;
  if (shown?.article === link.get("article") && shown.sentence === sentence) return;
  open({ article: link.get("article"), sentence, turn: "" }, { focus: false });
}

/* ---- Actions ---- */

async function copy(text, button) {
  const words = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Copying is not allowed here";
  }
  setTimeout(() => { button.textContent = words; }, 1500);
}

function answerText(turn) {
  const claims = [...turn.querySelectorAll(".cw-declined, .cw-lead, .cw-differ-head, .cw-claim")].map((claim) => {
    const words = claim.cloneNode(true);
    for (const mark of words.querySelectorAll(".cw-mark")) mark.textContent = `[${mark.textContent}]`;
    for (const hidden of words.querySelectorAll(".cw-hidden")) hidden.remove();
    return words.textContent.replace(/(\S)\[/, "$1 [").trim();
  });
  const notes = [...turn.querySelectorAll(".cw-source")].map((source) => {
    const part = (name) => source.querySelector(name)?.textContent.trim();
    const where = [part(".cw-where"), part(".cw-details")].filter(Boolean).join(", ");
    return `${source.dataset.number ? `[${source.dataset.number}] ` : "- "}${part(".cw-words")} (${where})`;
  });
  return [...claims, "", ...notes].join("\n");
}

const acts = {
  library,
  close: () => (narrow.matches && history.state?.citewell ? history.back() : close()),
  previous: () => step(-1),
  next: () => step(1),
  all: () => setTicks(() => true),
  none: () => setTicks(() => false),
  clear: () => { if (shown) close(); find("#cw-clear").click(); find("#cw-box textarea").focus(); },
  theme: () => {
    const dark = document.body.classList.toggle("dark");
    kept.set("theme", dark ? "dark" : "light", "localStorage");
  },
  ask: (button) => ask(button.dataset.question),
  again: (button) => ask(button.closest(".cw-turn").querySelector(".cw-question").textContent),
  edit: (button) => write(button.closest(".cw-turn").querySelector(".cw-question").textContent),
  copy: (button) => copy(answerText(button.closest(".cw-turn")), button),
  link: (button) => copy(button.href, button),
};

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return; // a new tab, as with any link
  const act = event.target.closest?.("[data-act]");
  if (act) {
    event.preventDefault();
    acts[act.dataset.act](act);
    return;
  }
  const link = event.target.closest?.("a[data-article]");
  if (!link) return;
  event.preventDefault();
  hideCard();
  opener = link.closest(".cw-card") ? opener : link;
  const { article, sentence } = link.dataset;
  const turn = link.closest(".cw-turn")?.id ?? (link.closest(".cw-card") ? card.dataset.turn : "");
  open({ article, sentence: sentence === undefined ? null : Number(sentence), turn });
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const writing = event.target.closest?.("textarea, input[type=text], select, [contenteditable]");
  if (event.key === "Escape") {
    if (!card.hidden) hideCard();
    else if (find("#cw-columns").dataset.open !== undefined) acts.close();
  } else if (writing) return;
  else if (event.key === "/") { event.preventDefault(); find("#cw-box textarea").focus(); }
  else if (shown && (event.key === "ArrowRight" || event.key === "n")) step(1);
  else if (shown && (event.key === "ArrowLeft" || event.key === "p")) step(-1);
});

side.addEventListener("change", (event) => { if (event.target.matches("input[data-only]")) showTicks(); });
window.addEventListener("hashchange", openLink);
window.addEventListener("popstate", () => { if (find("#cw-columns").dataset.open !== undefined && narrow.matches) close(); });
narrow.addEventListener("change", () => showSide(find("#cw-columns").dataset.open !== undefined));

function begin() {
  const theme = kept.get("theme", "localStorage");
  if (theme) document.body.classList.toggle("dark", theme === "dark");
  const button = find('.cw-bar [data-act="library"]');
  button.dataset.all = button.textContent;
  const chosen = kept.get("only");
  const list = chosen ? JSON.parse(chosen) : null;
  setTicks((id) => list === null || list.includes(id));
  new MutationObserver(showPlace).observe(find("#cw-thread"), {
    childList: true, subtree: true, attributes: true, attributeFilter: ["data-current"],
  });
  openLink();
}
begin();
