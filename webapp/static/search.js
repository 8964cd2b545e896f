// Comforts only: every page does its work without this file.
"use strict";
(() => {
  const input = document.getElementById("q");
  const form = input && input.form;

  // "/" goes to the search box, unless something is being typed.
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (input && event.key === "/" && !localStorage.noSlash && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      input.focus();
      input.select();
    }
  });

  // A key without a modifier must be possible to switch off (WCAG 2.1.4); the help page has the switch.
  const slash = document.getElementById("slash");
  if (slash) {
    slash.closest("p").hidden = false;
    slash.checked = Boolean(localStorage.noSlash);
    slash.addEventListener("change", () => { localStorage.noSlash = slash.checked ? "1" : ""; });
  }

  if (form) {
    // Fields left empty or at their default stay out of the address.
    const defaults = { mode: "smart", sort: "relevance", script: "orig" };
    form.addEventListener("formdata", (event) => {
      for (const [name, value] of [...event.formData]) {
        if (name !== "q" && (!value || defaults[name] === value)) event.formData.delete(name);
      }
    });
    suggestions(form, input);
  }
  const jump = document.querySelector(".jump");
  if (jump) marks(jump);

  function set(element, attributes) {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  }

  function suggestions(form, input) {
    const list = document.createElement("ul");
    const status = document.createElement("span");
    const known = new Map();
    let composing = false, options = [], active = -1, typed = "", timer = 0, request = null;

    set(list, { id: "suggestions", role: "listbox", hidden: "", "aria-label": form.dataset.label });
    set(status, { class: "hidden", role: "status" });
    set(input, { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id });
    input.after(list, status);

    function show(found) {
      options = found;
      active = -1;
      list.replaceChildren(...found.map((text, number) => {
        const option = document.createElement("li");
        set(option, { id: "suggestion-" + number, role: "option", "aria-selected": "false", lang: "zh" });
        option.textContent = text;
        // mousedown would take the focus away and close the list before the click arrives
        option.addEventListener("mousedown", (event) => event.preventDefault());
        option.addEventListener("click", () => { input.value = text; close(); form.requestSubmit(); });
        return option;
      }));
      list.hidden = !found.length;
      input.setAttribute("aria-expanded", String(!list.hidden));
      input.removeAttribute("aria-activedescendant");
      status.textContent = found.length ? form.dataset.suggested.replace("{n}", found.length) : "";
    }
    function close() {
      clearTimeout(timer);
      if (request) request.abort();
      show([]);
    }
    function choose(number) {
      if (active >= 0) set(list.children[active], { "aria-selected": "false" });
      active = number;
      input.value = active < 0 ? typed : options[active];
      if (active < 0) return input.removeAttribute("aria-activedescendant");
      set(list.children[active], { "aria-selected": "true" });
      set(input, { "aria-activedescendant": "suggestion-" + active });
    }
    async function ask() {
      const text = typed = input.value.trim();
      if (!text) return close();
      if (request) request.abort();
      request = new AbortController();
      try {
        if (!known.has(text)) {
          const answer = await fetch(form.dataset.suggest + "?q=" + encodeURIComponent(text), { signal: request.signal });
          if (!answer.ok) return;
          known.set(text, (await answer.json())[1]);
        }
        if (!composing && input.value.trim() === text && document.activeElement === input) {
          show(known.get(text).filter((other) => other !== text));
        }
      } catch { /* aborted, or offline: no suggestions */ }
    }
    function later() {
      clearTimeout(timer);
      if (!composing) timer = setTimeout(ask, 120);
    }

    input.addEventListener("compositionstart", () => { composing = true; close(); });
    input.addEventListener("compositionend", () => { composing = false; later(); });
    input.addEventListener("input", (event) => { if (!event.isComposing) later(); });
    input.addEventListener("blur", close);
    form.addEventListener("submit", (event) => { if (composing) event.preventDefault(); else close(); });
    input.addEventListener("keydown", (event) => {
      // 229: Safari sends the Enter that confirms a composition after its end
      if (event.isComposing || composing || event.keyCode === 229) {
        if (event.key === "Enter") event.preventDefault();
        return;
      }
      const open = !list.hidden;
      if (event.key === "Escape" && open) { event.preventDefault(); input.value = typed; close(); }
      else if (event.key === "ArrowDown" && !open) { event.preventDefault(); ask(); }
      else if (event.key === "ArrowDown") { event.preventDefault(); choose(active + 1 < options.length ? active + 1 : -1); }
      else if (event.key === "ArrowUp" && open) { event.preventDefault(); choose(active < 0 ? options.length - 1 : active - 1); }
    });
  }

  // From mark to mark: the numbered links become two buttons, which go on in the portions before and behind.
  function marks(jump) {
    const all = [...document.querySelectorAll(".text mark")];
    const place = jump.querySelector(".numbers");
    const others = { "-1": jump.querySelector(".before"), 1: jump.querySelector(".after") };
    const before = Number(jump.dataset.before), total = jump.dataset.marks;
    const where = document.createElement("output");
    let current = -1;
    function show(number) {
      if (current >= 0) all[current].classList.remove("current");
      current = number;
      all[current].classList.add("current");
      where.textContent = before + current + 1 + " / " + total;
    }
    function go(step) {
      const next = Math.max(current, step < 0 ? 0 : -1) + step;
      if (!(next in all) && others[step]) return location.assign(others[step].href);
      if (!all.length) return;
      show((next + all.length) % all.length);
      all[current].scrollIntoView({ block: "center" });
    }
    function button(sign, label, step) {
      const made = document.createElement("button");
      set(made, { type: "button", "aria-label": label });
      made.textContent = sign;
      made.addEventListener("click", () => go(step));
      return made;
    }
    where.textContent = "– / " + total;
    place.replaceChildren(button("↑", jump.dataset.previous, -1), where, button("↓", jump.dataset.next, 1));
    for (const link of Object.values(others)) if (link) link.hidden = true;
    // Who came for one mark goes on from there.
    const asked = location.hash && document.getElementById(location.hash.slice(1));
    const found = all.indexOf(asked && asked.matches("a") ? asked.nextElementSibling : asked);
    if (found >= 0) show(found);
  }
})();
