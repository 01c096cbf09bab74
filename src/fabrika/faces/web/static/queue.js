// Forms that say `data-queues` are kept in this browser until the plant's server has taken them: nothing that was pressed is lost while
// there is no network, and nothing is done twice. The browser numbers what it keeps; the server answers each number once, for ever.
(() => {
  "use strict";
  const STORE = "reports";
  const SELF = "self";
  const FIRST_MS = 1000;
  const LONGEST_MS = 60000;
  const AT_ONCE_MS = 4000;
  const LATER_MS = 20000;
  const TOGETHER = 50;
  const OF_THE_FACE = new Set(["csrfmiddlewaretoken", "idempotency_key", "next", "password"]);
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("fabrika-queue") : null;

  // The queue: an object store whose keys only ever grow.

  const drawn = (bytes) =>
    Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");

  let opened = null;
  const database = () => {
    opened ??= new Promise((resolve, reject) => {
      const request = indexedDB.open("fabrika", 1);
      request.onupgradeneeded = () => {
        const store = request.result.createObjectStore(STORE, { keyPath: "sequence", autoIncrement: true });
        store.createIndex("key", "key", { unique: true });
        request.result.createObjectStore(SELF).put({ browser: drawn(8), epoch: drawn(8) }, SELF);
      };
      request.onsuccess = () => {
        request.result.onversionchange = () => request.result.close();
        resolve(request.result);
      };
      request.onerror = () => reject(request.error);
    });
    return opened;
  };

  const transact = async (mode, work) => {
    const found = await database();
    return new Promise((resolve, reject) => {
      const tx = found.transaction([STORE, SELF], mode, { durability: "strict" });
      let result;
      tx.oncomplete = () => resolve(result);
      tx.onabort = () => reject(tx.error);
      work(tx, (value) => (result = value));
    });
  };

  const all = () =>
    transact("readonly", (tx, give) => {
      tx.objectStore(STORE).getAll().onsuccess = (event) => give(event.target.result);
    });

  const self_ = () =>
    transact("readonly", (tx, give) => {
      tx.objectStore(SELF).get(SELF).onsuccess = (event) => give(event.target.result);
    });

  // A form pressed twice has one key, and is kept once.
  const keep = (record) =>
    transact("readwrite", (tx, give) => {
      const store = tx.objectStore(STORE);
      store.index("key").getKey(record.key).onsuccess = (event) => {
        if (event.target.result !== undefined) give(event.target.result);
        else store.add(record).onsuccess = (added) => give(added.target.result);
      };
    });

  const settle = (answers) =>
    transact("readwrite", (tx) => {
      const store = tx.objectStore(STORE);
      for (const answer of answers) {
        if (answer.outcome !== "sign_in") store.delete(answer.sequence);
        else
          store.get(answer.sequence).onsuccess = (event) => {
            if (event.target.result) store.put({ ...event.target.result, waits: true });
          };
      }
    });

  // Sending: in order, one tab at a time, again and again until there is an answer.

  // At a shared tablet somebody may have said without a network who they are (`sealed`), or nobody may be there any more (`left`).
  const CLAIM = "fabrika-claim";
  const tablet = document.getElementById("tablet");
  const claim = () => JSON.parse(localStorage.getItem(CLAIM) ?? "null");
  const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";
  const person = () => (claim() ? "" : meta("fabrika-person"));
  const voucher = () => (claim() ? "" : meta("fabrika-voucher"));
  const known = () => voucher() || claim()?.sealed;
  let token = document.querySelector('input[name="csrfmiddlewaretoken"]')?.value ?? "";

  const ask = (method, body, ms) =>
    fetch("/reports", {
      method,
      body,
      headers: { Accept: "application/json", ...(body && { "Content-Type": "application/json", "X-CSRFToken": token }) },
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(ms),
    });

  const post = async (body, ms) => {
    let answer = await ask("POST", body, ms);
    if (answer.status === 403) {
      token = (await (await ask("GET", undefined, ms)).json()).token;
      answer = await ask("POST", body, ms);
    }
    if (!answer.ok) throw new Error(String(answer.status));
    return (await answer.json()).answers;
  };

  const alone = (work) => (navigator.locks ? navigator.locks.request("fabrika-queue", work) : work());

  // Sends what waits; `direct` is the number of the report whose person stands before this page. Returns all answers by number.
  const flush = (direct = null) =>
    alone(async () => {
      const found = new Map();
      const { browser, epoch } = await self_();
      // What is pressed from here on is sent by whoever pressed it, who then gets its answer.
      const last = direct ?? Math.max(0, ...(await all()).map((row) => row.sequence));
      for (;;) {
        const here = person();
        const waits = (row) => row.sequence <= last && !found.has(row.sequence) && (!row.waits || row.person === here);
        const due = (await all()).filter(waits);
        if (!due.length) return found;
        const reports = due.slice(0, TOGETHER).map((row) => ({
          sequence: row.sequence,
          command: row.command,
          fields: row.fields,
          person: row.person,
          voucher: row.voucher,
          sealed: row.sealed ?? "",
          said_at_us: row.said_at_us,
          at_once: row.sequence === direct,
        }));
        const body = JSON.stringify({ browser, epoch, sent_at_us: Date.now() * 1000, reports });
        const answers = await post(body, direct === null ? LATER_MS : AT_ONCE_MS);
        await settle(answers);
        for (const answer of answers) found.set(answer.sequence, answer);
        await changed();
      }
    });

  let tries = 0;
  let timer = null;
  const later = () => {
    clearTimeout(timer);
    const ms = Math.min(LONGEST_MS, FIRST_MS * 2 ** tries) * (0.5 + Math.random() / 2);
    tries = Math.min(tries + 1, 10);
    timer = setTimeout(again, ms);
  };
  const again = async () => {
    clearTimeout(timer);
    try {
      const answers = [...(await flush()).values()];
      tries = 0;
      if (await arrived()) return;
      if (answers.some((answer) => answer.outcome !== "sign_in")) told(answers);
    } catch {
      later();
    }
  };

  // What the page says.

  const shown = (id, on) => {
    const found = document.getElementById(id);
    if (found) found.hidden = !on;
    return found;
  };

  const show = async () => {
    const rows = await all();
    const notice = shown("unsent", rows.length > 0);
    if (notice) notice.querySelector("strong").textContent = String(rows.length);
    const names = [...new Set(rows.filter((row) => row.waits).map((row) => row.person))];
    const waits = shown("unsent-waits", names.length > 0);
    if (waits) waits.querySelector("strong").textContent = names.join(", ");
    for (const form of document.querySelectorAll("form[data-queues]")) mark(form, rows);
  };

  const changed = async () => {
    channel?.postMessage("changed");
    await show();
  };

  // A form that stands for one thing cannot be pressed again while what was pressed waits.
  const mark = (form, rows) => {
    const kept = form.dataset.queues === "once" ? rows.find((row) => row.of === meant(form)) : undefined;
    form.classList.toggle("kept", kept !== undefined);
    for (const button of form.querySelectorAll("button:not([hidden])")) {
      button.disabled = kept !== undefined || form.dataset.busy === "1";
      button.classList.toggle("pressed", kept?.fields[button.name]?.[0] === button.value);
    }
  };

  const meant = (form) => {
    const hidden = [...form.querySelectorAll('input[type="hidden"]')].filter((input) => !OF_THE_FACE.has(input.name));
    return JSON.stringify([form.getAttribute("action"), hidden.map((input) => [input.name, input.value])]);
  };

  // What was kept has been answered, and forms of this page may stand for what is done: the page is made anew, and then tells of it.
  const TOLD = "fabrika-told";
  const told = (answers) => {
    sessionStorage.setItem(TOLD, answers.some((answer) => answer.outcome === "kept") ? "kept" : "sent");
    const typing = ["INPUT", "TEXTAREA", "SELECT"].includes(document.activeElement?.tagName);
    if (!typing && document.querySelector("form[data-queues]")) window.location.reload();
    else tell();
  };
  const tell = () => {
    const found = sessionStorage.getItem(TOLD);
    sessionStorage.removeItem(TOLD);
    if (found) shown(found === "kept" ? "unsent-refused" : "unsent-sent", true);
  };

  const refusal = (form, answer) => {
    form.querySelector(".notice")?.remove();
    const notice = document.createElement("div");
    notice.className = "notice refused";
    notice.setAttribute("role", "alert");
    for (const [name, words] of [["", answer.problem], ["remedy", answer.remedy]]) {
      const line = document.createElement("p");
      line.className = name;
      line.textContent = words;
      notice.append(line);
    }
    form.append(notice);
  };

  // Pressing.

  const renew = (form) => {
    const key = form.querySelector('input[name="idempotency_key"]');
    if (key) key.value = drawn(16);
  };

  const entered = (form, submitter) => {
    const fields = {};
    for (const [name, value] of new FormData(form, submitter)) {
      if (!OF_THE_FACE.has(name) && typeof value === "string") (fields[name] ??= []).push(value);
    }
    return fields;
  };

  const report = async (form, submitter) => {
    const record = {
      key: form.querySelector('input[name="idempotency_key"]')?.value || drawn(16),
      command: form.getAttribute("action").replace("/do/", ""),
      fields: entered(form, submitter),
      of: meant(form),
      person: person(),
      voucher: voucher(),
      sealed: claim()?.sealed ?? "",
      said_at_us: Date.now() * 1000,
    };
    const sequence = await keep(record);
    navigator.storage?.persist?.().catch(() => {});
    const slow = setTimeout(changed, 400);
    try {
      if (!navigator.onLine) throw new Error("no network");
      const answer = (await flush(sequence)).get(sequence);
      if (answer?.outcome === "done") return arrive(form);
      // A form of its own page marks the fields that do not fit; nothing was written, so that it may go its usual way.
      if (answer?.outcome === "refused" && form.dataset.queues === "form") return natively(form, submitter);
      if (answer?.outcome === "refused" || answer?.outcome === "kept") refusal(form, answer);
    } catch {
      if (tablet && record.command === SIGN_OFF) leave(true);
      later();
    } finally {
      clearTimeout(slow);
    }
    renew(form);
    await changed();
  };

  const arrive = (form) => {
    document.documentElement.dataset.leaving = "1";
    const next = form.querySelector('input[name="next"]')?.value || window.location.pathname;
    if (new URL(next, window.location.href).pathname === window.location.pathname) window.location.reload();
    else window.location.assign(next);
  };

  const natively = (form, submitter) => {
    if (submitter?.name) {
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name: submitter.name, value: submitter.value });
      form.append(input);
    }
    form.submit();
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.action.endsWith("/sign-out")) navigator.serviceWorker?.controller?.postMessage({ kind: "forget" });
    if (form.matches("form[data-identify]") && tablet) {
      event.preventDefault();
      identify(form);
      return;
    }
    if (!form.matches("form[data-queues]")) return;
    if (!window.indexedDB || !known()) return; // the form goes its usual way
    event.preventDefault();
    if (form.dataset.busy === "1") return;
    form.dataset.busy = "1";
    report(form, event.submitter)
      .catch(() => natively(form, event.submitter))
      .finally(() => {
        form.dataset.busy = "";
        show();
      });
  });

  // Who stands before a shared tablet.

  const SIGN_ON = "production.sign_on";
  const SIGN_OFF = "production.sign_off";
  const typing = () => ["INPUT", "TEXTAREA", "SELECT"].includes(document.activeElement?.tagName);

  const form_ = (address, values) =>
    fetch(address, {
      method: "POST",
      body: new URLSearchParams({ ...values, csrfmiddlewaretoken: token }),
      headers: { Accept: "application/json", "X-CSRFToken": token },
      credentials: "same-origin",
      redirect: "manual",
      signal: AbortSignal.timeout(LATER_MS),
    });

  const fresh = async () => {
    if (!navigator.onLine) throw new Error("no network");
    const answer = await ask("GET", undefined, AT_ONCE_MS);
    if (!answer.ok) throw new Error(String(answer.status));
    token = (await answer.json()).token;
  };

  // With a network the form goes its usual way. Without one what was typed is sealed so that nobody can read it here again.
  const identify = async (form) => {
    const { badge, pin, station } = Object.fromEntries(new FormData(form));
    try {
      await fresh();
      localStorage.removeItem(CLAIM);
      form.elements.csrfmiddlewaretoken.value = token;
      form.submit();
      return;
    } catch {
      if (!crypto.subtle || !window.indexedDB) return void shown("claim-unable", true);
    }
    const sealed = await seal({ badge: badge.trim(), pin, at_us: Date.now() * 1000 });
    const label = badge.trim().length > 4 ? `…${badge.trim().slice(-3)}` : badge.trim();
    localStorage.setItem(CLAIM, JSON.stringify({ sealed, label }));
    form.reset();
    tapped();
    const said = { fields: { station: [station] }, of: "", person: "", voucher: "", sealed, said_at_us: Date.now() * 1000 };
    await keep({ ...said, key: drawn(16), command: SIGN_ON });
    stand();
    await changed();
    later();
  };

  const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const seal = async (said) => {
    const way = { name: "RSA-OAEP", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("spki", bytes(tablet.dataset.seal), way, false, ["encrypt"]);
    const sealed = await crypto.subtle.encrypt(way, key, new TextEncoder().encode(JSON.stringify(said)));
    return btoa(String.fromCharCode(...new Uint8Array(sealed)));
  };

  // The network is back: who said they were here is checked, and who has left is signed out. True if the page is made anew.
  const REFUSED = "fabrika-claim-refused";
  const arrived = async () => {
    const found = claim();
    if (!found || !tablet) return false;
    if (typing()) {
      later();
      return false;
    }
    await fresh();
    const said = { sealed: found.sealed, station: tablet.dataset.station, next: window.location.pathname };
    const answer = await (found.sealed ? form_("/sign-in/tablet", said) : form_("/sign-out", {}));
    if (answer.status === 429 || answer.status >= 500) throw new Error(String(answer.status));
    if (found.sealed && !answer.ok) sessionStorage.setItem(REFUSED, "1");
    localStorage.removeItem(CLAIM);
    window.location.reload();
    return true;
  };

  const leave = (offline) => {
    localStorage.setItem(CLAIM, JSON.stringify({ left: true }));
    stand();
    if (!offline) arrived().catch(later);
  };

  // What the page shows of whoever is not the one for whom it was made.
  const stand = () => {
    const found = claim();
    if (!tablet || !found) return;
    for (const part of document.querySelectorAll(".mine")) part.hidden = !found.sealed;
    for (const part of document.querySelectorAll(".own, .you .person")) part.hidden = true;
    const notice = shown("claimed", Boolean(found.sealed));
    if (notice) notice.querySelector("strong").textContent = found.label ?? "";
    const section = document.getElementById("identify");
    if (section) section.open = Boolean(found.left);
  };

  // Without a tap for a while nobody is there any more.
  const TAP = "fabrika-tap";
  const tapped = () => localStorage.setItem(TAP, String(Date.now()));
  const watch = () => {
    if (sessionStorage.getItem(REFUSED)) shown("claim-refused", true);
    sessionStorage.removeItem(REFUSED);
    const idle = () => Date.now() - Number(localStorage.getItem(TAP)) > 1000 * Number(tablet.dataset.idle);
    if (!claim()?.sealed || !idle()) tapped();
    for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, tapped);
    setInterval(() => known() && idle() && leave(false), 5000);
  };

  // Pages that are kept for when there is no network; only where the connection is one that browsers trust.
  const worker = async () => {
    if (!("serviceWorker" in navigator)) return;
    await navigator.serviceWorker.register("/worker.js", { scope: "/", updateViaCache: "none" });
    if (navigator.serviceWorker.controller) return;
    const ready = await navigator.serviceWorker.ready;
    const drawnWith = document.querySelectorAll('link[rel="stylesheet"], link[rel="icon"], script[src]');
    const files = [...drawnWith].map((element) => element.href || element.src);
    const page = document.querySelector('meta[name="fabrika-keep"]') ? window.location.href : "";
    ready.active.postMessage({ kind: "keep", page, files, language: document.documentElement.lang });
  };

  const keptPages = async () => {
    const list = document.getElementById("kept-pages");
    if (!list || !window.caches) return;
    for (const name of await caches.keys()) {
      if (!name.startsWith("pages-")) continue;
      for (const request of await (await caches.open(name)).keys()) {
        const link = document.createElement("a");
        link.href = request.url;
        link.textContent = decodeURIComponent(new URL(request.url).pathname);
        const item = document.createElement("li");
        item.append(link);
        list.append(item);
      }
    }
  };

  const begin = async () => {
    for (const form of document.querySelectorAll("form[data-queues]")) renew(form);
    worker().catch(() => {});
    keptPages().catch(() => {});
    tell();
    if (tablet) watch();
    stand();
    if (!window.indexedDB) return;
    channel?.addEventListener("message", show);
    window.addEventListener("online", again);
    document.addEventListener("htmx:after:sse:message", show); // forms that were drawn anew
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && again());
    await show();
    await again();
  };
  begin();
})();
