/* The page's behaviour. Gradio runs this once, with `element` (the column beside the conversation) and `server`
   (whose read() gives an article as HTML). The conversation itself is rendered by the server and updated in place;
   everything here listens on the document, so nothing has to be bound again after an update. */

const side = element.querySelector(".cw-side-inner");
const page = side.querySelector(".cw-page");
const narrow = window.matchMedia("(max-width: 999px)");
const phone = window.matchMedia("(max-width: 560px)");
const find = (selector) => document.querySelector(selector);

/* What is kept for this tab: never more than a key, the ticked articles, the unsent question, model and theme. */
const kept = {
  get: (name, store = "sessionStorage") => { try { return window[store].getItem(`citewell-${name}`); } catch { return null; } },
  set: (name, value, store = "sessionStorage") => { try { window[store].setItem(`citewell-${name}`, value); } catch { /* private mode */ } },
};

function makeKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
const picker = find("select.cw-model");
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
  const asked = chosen === all ? "all are asked" : `${chosen} of ${all} are asked`;
  side.querySelector(".cw-asked-count").textContent = chosen ? asked : "none ticked, so all are asked";
  const button = find('.cw-bar [data-act="library"]');
  const some = phone.matches ? `${chosen} of ${all}` : `${chosen} of ${button.dataset.all}`;
  button.textContent = chosen === all || chosen === 0 ? button.dataset.all : some;
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
  kept.set("draft", question);
  unheard = true;
}

/* What is in the box, or has not reached the server, is in the box after a reload. */
let unheard = false;

document.addEventListener("input", (event) => {
  if (!unheard && event.target.closest("#cw-box")) kept.set("draft", event.target.value);
});

function noteHeard() {
  if (!unheard || find(".cw-turn:not([id])")) return;
  unheard = false;
  kept.set("draft", find("#cw-box textarea").value);
}

function restoreDraft() {
  if (find("#cw-box textarea")) write(kept.get("draft"), { focus: false });
  else setTimeout(restoreDraft, 50); // Gradio brings it later than this
}

window.citewell = {
  given(values) {
    if (values.length === 4) {
      stand(values[0]);
      setTimeout(() => write("", { focus: false }), 0); // the box is free again at once
    }
    return [...values.slice(0, -3), tab, only(), picker.value];
  },
};

function write(question, { focus = true } = {}) {
  const box = find("#cw-box textarea");
  box.value = question;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  if (focus) box.focus();
}

function ask(question) {
  write(question);
  setTimeout(() => find("#cw-send").click(), 0);
}

/* ---- The language model on its way, and the server itself ---- */

const notice = find(".cw-notice");
const GONE = "citewell does not answer. Start it again if it was stopped; this page goes on by itself.";
let watching = 0;

function showNotice(words, { alarming, again }) {
  if (notice.firstChild.textContent !== words) notice.firstChild.textContent = words;
  notice.hidden = !words;
  notice.querySelector("button").hidden = !again;
  if (alarming) notice.role = "alert"; else notice.removeAttribute("role"); // figures that grow are not read out
}

/* Asks how far the model is, for as long as there is something to say or an answer to wait for. */
async function look() {
  try {
    const { words, failed } = await server.progress(null);
    showNotice(words, { alarming: failed, again: failed });
    watching = 0;
    if (words) lookIn(1000);
  } catch {
    showNotice(GONE, { alarming: true, again: false });
    lookIn(2000);
  }
  watch();
}

function lookIn(ms) {
  clearTimeout(watching);
  watching = setTimeout(look, ms);
}

function watch() {
  if (!watching && find(".cw-turn[data-running]")) lookIn(3000);
}

/* ---- Articles added by readers ---- */

const MOST_FILES = 100, MOST_BYTES = 30 * 1024 * 1024;
const results = side.querySelector(".cw-adding");

function showShelf(shelf) {
  const before = new Map(ticks().map((tick) => [tick.dataset.only, tick.checked]));
  side.querySelector(".cw-articles").innerHTML = shelf.rows;
  find('.cw-bar [data-act="library"]').dataset.all = shelf.count;
  setTicks((id) => before.get(id) ?? true);
}

function tell(name, words, state) {
  const line = document.createElement("li");
  line.append(Object.assign(document.createElement("bdi"), { textContent: name }), document.createElement("span"));
  results.append(line);
  const change = (said, how) => { line.lastChild.textContent = said; line.dataset.state = how; };
  change(words, state);
  return change;
}

function readBase64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

async function addFile(file, change) {
  if (file.size > MOST_BYTES) return change("is over 30 MB; not added", "failed");
  change("Reading and indexing …", "running");
  await shelve(readBase64(file).then((data) => server.add_file({ name: file.name, data })), change);
}

async function addAddress(address) {
  results.replaceChildren();
  const change = tell(address, "Fetching, reading and indexing …", "running");
  await shelve(server.add_address(address), change);
}

/* Shows what became of something that was added. */
async function shelve(adding, change) {
  try {
    const shelf = await adding;
    showShelf(shelf);
    const words = shelf.done.length > 1 ? [`${shelf.done.length} articles added`] : shelf.done.length ? ["Added"] : [];
    change([...words, ...shelf.problems].join("; "), shelf.done.length ? "done" : "failed");
  } catch {
    change("could not be sent. Is citewell still running?", "failed");
  }
}

async function addFiles(files) {
  results.replaceChildren();
  library();
  const waiting = [...files].slice(0, MOST_FILES).map((file) => [file, tell(file.name, "Waiting", "waiting")]);
  if (files.length > MOST_FILES) tell(`${files.length - MOST_FILES} files`, `not added: at most ${MOST_FILES} at a time`, "failed");
  for (const [file, change] of waiting) await addFile(file, change);
}

const input = side.querySelector(".cw-files"); // absent where nothing may be added
input?.addEventListener("change", () => { addFiles([...input.files]); input.value = ""; });
input?.form.addEventListener("submit", (event) => {
  event.preventDefault();
  const address = side.querySelector(".cw-address");
  addAddress(address.value.trim());
  address.value = "";
});
const carriesFiles = (event) => input && event.dataTransfer?.types.includes("Files");
document.addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  document.body.dataset.dropping = "";
});
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) delete document.body.dataset.dropping; });
document.addEventListener("drop", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  delete document.body.dataset.dropping;
  addFiles(event.dataTransfer.files);
});

async function remove(button) {
  if (button.dataset.sure === undefined) { // the second click means it
    button.dataset.sure = "";
    button.textContent = "Really remove";
    setTimeout(() => { delete button.dataset.sure; button.textContent = "Remove"; }, 4000);
    return;
  }
  const shelf = await server.remove_article(button.dataset.id);
  showShelf(shelf);
  results.replaceChildren();
  for (const problem of shelf.problems) tell("", problem, "failed");
}

/* ---- The card at a mark ---- */

const card = document.createElement("div");
card.className = "cw-card";
card.hidden = true;
card.setAttribute("aria-hidden", "true"); // its words are the mark's description already
document.body.append(card);
let hiding = 0;
let anchor = null; // the mark the card is at, and how high that stood: { mark, top }

function showCard(mark) {
  clearTimeout(hiding);
  const source = mark.closest(".cw-turn").querySelector(`.cw-source[data-number="${mark.dataset.number}"] > div`);
  if (!source) return;
  card.innerHTML = source.innerHTML;
  card.dataset.turn = mark.closest(".cw-turn").id;
  card.hidden = false;
  anchor = { mark, top: mark.getBoundingClientRect().top };
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
document.addEventListener("scroll", () => { // a scroll that began before the card was shown leaves its mark in place
  if (!card.hidden && Math.abs(anchor.mark.getBoundingClientRect().top - anchor.top) > 1) hideCard();
}, { capture: true, passive: true });

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
  if (shown?.turn === "") shown.turn = citingTurn(shown);
  const list = shown ? sources(shown.turn) : [];
  const at = shown ? list.findIndex((source) => isAt(source, shown)) : -1;
  side.querySelector(".cw-place").textContent = at < 0 ? "" : `${at + 1} of ${list.length}`;
  for (const act of ["previous", "next"]) side.querySelector(`[data-act="${act}"]`).hidden = list.length < 2;
  for (const link of document.querySelectorAll("#cw-thread [data-sentence]")) {
    const current = at >= 0 && link.closest(".cw-turn").id === shown.turn && isAt(link, shown);
    if (current !== link.hasAttribute("data-current")) link.toggleAttribute("data-current", current);
  }
}

/* The last turn that cites a sentence: a page that is opened, or loaded again, at a sentence knows no turn. */
function citingTurn(place) {
  return [...document.querySelectorAll(".cw-turn .cw-source")].findLast((source) => isAt(source, place))?.closest(".cw-turn").id ?? "";
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

/* `words` may be a promise: a clipboard must be asked for in the moment of the click. */
async function copy(words, button) {
  const name = button.textContent;
  try {
    const blob = Promise.resolve(words).then((text) => new Blob([text], { type: "text/plain" }));
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Copying is not allowed here";
  }
  setTimeout(() => { button.textContent = name; }, 1500);
}

async function save(form) {
  const { suffix, type, text } = await server.take({ tab, form });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  link.download = `citewell-${new Date().toISOString().slice(0, 10)}${suffix}`;
  link.click();
  URL.revokeObjectURL(link.href);
}

const turnOf = (element) => Number(element.closest(".cw-turn").dataset.turn);

async function judge(button) {
  const verdict = button.getAttribute("aria-pressed") === "true" ? null : button.dataset.verdict;
  const said = await server.judge({ tab, turn: turnOf(button), verdict });
  for (const other of button.parentElement.querySelectorAll('[data-act="judge"]')) {
    other.setAttribute("aria-pressed", String(other.dataset.verdict === verdict));
    other.title = said;
  }
}

const acts = {
  load: () => server.load_again(null),
  choose: () => input.click(),
  remove,
  judge,
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
  copy: (button) => copy(server.take({ tab, turn: turnOf(button) }).then((taken) => taken.text), button),
  take: (button) => { closeMenus(); save(button.dataset.form); },
  more: () => showTools(!tools.hasAttribute("data-open")),
  link: (button) => copy(button.href, button),
};

const tools = find("#cw-tools"); // on a phone, behind a button

function showTools(wanted) {
  tools.toggleAttribute("data-open", wanted);
  find('[data-act="more"]').setAttribute("aria-expanded", String(wanted));
}

function closeMenus(except = null) {
  for (const menu of document.querySelectorAll(".cw-menu[open]")) if (menu !== except) menu.open = false;
  if (!tools.contains(except)) showTools(false);
}

document.addEventListener("click", (event) => {
  if (!event.target.closest?.('[data-act="more"]')) closeMenus(event.target.closest?.(".cw-menu, .cw-tools"));
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
  const inCard = link.closest(".cw-card");
  opener = inCard ? anchor.mark : link;
  const { article, sentence } = link.dataset;
  const turn = inCard ? card.dataset.turn : link.closest(".cw-turn")?.id ?? "";
  open({ article, sentence: sentence === undefined ? null : Number(sentence), turn });
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const writing = event.target.closest?.("textarea, input[type=text], input[type=url], select, [contenteditable]");
  if (event.key === "Escape") {
    if (!card.hidden) hideCard();
    else if (tools.hasAttribute("data-open")) { closeMenus(); find('[data-act="more"]').focus(); }
    else if (find(".cw-menu[open]")) { find(".cw-menu[open] summary").focus(); closeMenus(); }
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
  const chosen = kept.get("only"); // null in a new tab: as the list has it
  const list = chosen ? JSON.parse(chosen) : null;
  const keep = () => (chosen === null ? showTicks() : setTicks((id) => list === null || list.includes(id)));
  keep();
  server.shelf(null).then((shelf) => { showShelf(shelf); if (list) keep(); }); // the page may be older than the list
  const llm = kept.get("llm");
  if ([...picker.options].some((option) => option.value === llm)) picker.value = llm;
  picker.addEventListener("change", () => kept.set("llm", picker.value));
  if (kept.get("draft")) restoreDraft();
  new MutationObserver(() => { showPlace(); noteHeard(); watch(); }).observe(find("#cw-thread"), {
    childList: true, subtree: true, attributes: true, attributeFilter: ["data-current"],
  });
  openLink();
  look();
}
begin();
