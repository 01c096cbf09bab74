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

  const person = () => document.querySelector('meta[name="fabrika-person"]')?.content ?? "";
  const voucher = () => document.querySelector('meta[name="fabrika-voucher"]')?.content ?? "";
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
    if (!form.matches("form[data-queues]")) return;
    if (!window.indexedDB || !voucher()) return; // the form goes its usual way
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
