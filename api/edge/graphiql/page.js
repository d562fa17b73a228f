// Tokens live in this tab's session storage and go nowhere but to this API.
"use strict";

(() => {
  const h = React.createElement;
  const TOKENS = "milepost:tokens";
  const CALLER = "milepost:caller";
  const EXAMPLE = "milepost:example";
  const VIEWER =
    "{ viewer { kind scopes member { reference } partner { code } } programme { code } }";
  const MAIN = "ota"; // whose examples are shown to whoever has no token
  const PROGRAMME = /^programme (\S+)$/;
  const PRINTED = /^\s*(member|partner|staff|public) (?:token|key)(?: \(([^,)]+)[^)]*\))?: (\S+)$/;

  const chooser = document.getElementById("caller");
  const said = document.getElementById("said");
  const form = document.getElementById("token-form");
  const nameField = document.getElementById("token-name");
  const tokenField = document.getElementById("token");
  const add = document.getElementById("add");
  const forget = document.getElementById("forget");

  // GraphiQL would otherwise keep queries and variables, which may name people, for good.
  const storage = {
    getItem: (name) => sessionStorage.getItem(name),
    setItem: (name, value) => sessionStorage.setItem(name, value),
    removeItem: (name) => sessionStorage.removeItem(name),
    clear: () => sessionStorage.clear(),
    get length() {
      return sessionStorage.length;
    },
  };

  const tokens = () => JSON.parse(sessionStorage.getItem(TOKENS) ?? "{}");
  const callerName = () => sessionStorage.getItem(CALLER) ?? "";
  const keep = (found) => sessionStorage.setItem(TOKENS, JSON.stringify(found));

  async function ask(operation, token) {
    const stop = new AbortController();
    const response = await fetch("graphql", {
      method: "POST",
      credentials: "omit",
      signal: stop.signal,
      headers: {
        Accept: "application/graphql-response+json, application/json, text/event-stream",
        "Content-Type": "application/json",
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
      },
      body: JSON.stringify(operation),
    });
    const goesOn = response.headers.get("Content-Type").startsWith("text/event-stream");
    return goesOn ? answers(response.body, stop) : response.json();
  }

  // Those of a subscription, until it ends or is stopped.
  function answers(body, stop) {
    const found = read(body);
    return {
      next: () =>
        found.next().catch((error) => {
          if (!stop.signal.aborted) throw error;
          return { done: true };
        }),
      return: async () => {
        stop.abort();
        return { done: true };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  async function* read(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let held = "";
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      const blocks = (held + piece.value).split(/\r?\n\r?\n/);
      held = blocks.pop();
      for (const block of blocks) {
        const data = /^data: *(.+)$/m.exec(block);
        if (data) yield JSON.parse(data[1]);
      }
    }
  }

  let schemaRefused = false;

  async function fetcher(operation) {
    const answer = await ask(operation, tokens()[callerName()]);
    const schema = answer.data?.__schema;
    if (operation.operationName === "IntrospectionQuery") schemaRefused = !schema;
    if (schema) sortByName(schema);
    return answer;
  }

  // Documentation is looked up by name; arguments and values keep the order that they mean.
  function sortByName(schema) {
    const byName = (one, other) => one.name.localeCompare(other.name);
    schema.types.sort(byName);
    for (const type of schema.types) type.fields?.sort(byName);
  }

  function fresh(text) {
    return text.replaceAll("<key>", () => crypto.randomUUID?.() ?? `key-${Date.now()}`);
  }

  function Icon() {
    return h(
      "svg",
      { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", strokeWidth: 1.5 },
      h("path", { d: "M4 5h16M4 12h16M4 19h10" }),
    );
  }

  // Examples share one tab, unless somebody has changed what is in it.
  function useExamplesTab(editors, first) {
    const [wanted, setWanted] = React.useState(null);
    const { tabs, activeTabIndex } = editors;
    const active = tabs[activeTabIndex];
    const shown = JSON.parse(sessionStorage.getItem(EXAMPLE) ?? "null");
    const untouched = (tab) => {
      const text = (tab === active ? editors.queryEditor?.getValue() : tab.query) ?? "";
      return !text.trim() || text === first || (tab.id === shown?.tab && text === shown.text);
    };

    React.useEffect(() => {
      if (!wanted || !editors.queryEditor) return;
      if (wanted.tab === undefined ? wanted.beside.includes(active.id) : active.id !== wanted.tab)
        return;
      sessionStorage.setItem(EXAMPLE, JSON.stringify({ tab: active.id, text: wanted.text }));
      editors.variableEditor?.setValue("");
      editors.responseEditor?.setValue("");
      editors.queryEditor.setValue(wanted.text);
      setWanted(null);
      document.querySelector(".graphiql-session")?.scrollIntoView({ block: "nearest" });
    }, [wanted, active.id, editors.queryEditor]);

    return (text) => {
      const reused = untouched(active) ? activeTabIndex : tabs.findIndex(untouched);
      if (reused < 0) editors.addTab();
      else if (reused !== activeTabIndex) editors.changeTab(reused);
      setWanted({ text, tab: tabs[reused]?.id, beside: tabs.map((tab) => tab.id) });
    };
  }

  let examples = {};
  let programme = MAIN;

  // Those of the caller's programme; a programme of another name has those of the main one.
  function examplesPlugin(first) {
    function Content() {
      const offered = examples[programme] ?? examples[MAIN];
      const open = useExamplesTab(GraphiQL.React.useEditorContext({ nonNull: true }), first);
      return h(
        React.Fragment,
        null,
        h("div", { className: "graphiql-doc-explorer-title" }, "Examples"),
        h(
          "ul",
          { className: "examples" },
          offered.map((example) =>
            h(
              "li",
              { key: example.title },
              h(
                "button",
                { type: "button", onClick: () => open(fresh(example.query)) },
                h("span", { className: "examples-kind" }, example.query.split(" ")[0]),
                h("span", null, example.title),
              ),
            ),
          ),
        ),
      );
    }
    return { title: "Examples", icon: Icon, content: Content };
  }

  // Who a token stands for, or why it is refused.
  async function viewerOf(token) {
    try {
      const { data, errors } = await ask({ query: VIEWER }, token);
      if (data?.viewer) return { ...data.viewer, programme: data.programme?.code };
      return { refused: errors?.[0]?.message ?? "This token is refused." };
    } catch {
      return { refused: "The API does not answer." };
    }
  }

  function say(text, refused = false) {
    said.textContent = text;
    said.classList.toggle("refused", refused);
  }

  function showCallers() {
    const found = tokens();
    const options = ["", ...Object.keys(found)].map(
      (name) => new Option(name || "no token", name, false, name === callerName()),
    );
    chooser.replaceChildren(...options);
    forget.hidden = !callerName();
    if (!Object.keys(found).length) openForm(true);
  }

  function openForm(open) {
    form.hidden = !open;
    add.setAttribute("aria-expanded", String(open));
  }

  async function choose(name, render) {
    sessionStorage.setItem(CALLER, name);
    showCallers();
    const token = tokens()[name];
    const viewer = token ? await viewerOf(token) : null;
    if (name !== callerName()) return; // another was chosen meanwhile
    if (!viewer) say("");
    else if (viewer.refused) say(viewer.refused, true);
    else say([viewer.kind, ...viewer.scopes].join(" · ").toLowerCase());
    const before = programme;
    programme = viewer?.programme ?? MAIN;
    if (schemaRefused || programme !== before) render();
  }

  async function addToken(name, token, render) {
    const viewer = await viewerOf(token);
    if (viewer.refused) return say(viewer.refused, true);
    const whose = viewer.member?.reference ?? viewer.partner?.code;
    const named = name || [viewer.kind.toLowerCase(), whose].filter(Boolean).join(" ");
    keep({ ...tokens(), [named]: token });
    nameField.value = tokenField.value = "";
    openForm(false);
    await choose(named, render);
  }

  // All the lines at once that `make run` prints; of several programmes each names its own.
  async function addPrinted(text, render) {
    const lines = text.split("\n");
    const several = lines.filter((line) => PROGRAMME.test(line)).length > 1;
    const found = [];
    let programme = "";
    for (const line of lines) {
      programme = line.match(PROGRAMME)?.[1] ?? programme;
      const [, kind, whose, token] = line.match(PRINTED) ?? [];
      if (kind) found.push([[kind, whose, several && programme].filter(Boolean).join(" "), token]);
    }
    if (found.length < 2) return false;
    keep({ ...tokens(), ...Object.fromEntries(found) });
    openForm(false);
    await choose(found[0][0], render);
    return true;
  }

  function listen(render) {
    chooser.addEventListener("change", () => choose(chooser.value, render));
    add.addEventListener("click", () => {
      openForm(form.hidden);
      if (!form.hidden) tokenField.focus();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const token = tokenField.value.trim();
      if (token) addToken(nameField.value.trim(), token, render);
    });
    tokenField.addEventListener("paste", (event) => {
      const text = event.clipboardData.getData("text");
      if (!text.includes("\n")) return;
      event.preventDefault();
      addPrinted(text, render).then((done) => {
        if (!done) tokenField.value = text.trim();
      });
    });
    forget.addEventListener("click", () => {
      const { [callerName()]: _, ...others } = tokens();
      keep(others);
      choose("", render);
    });
  }

  async function start() {
    examples = await (await fetch("graphiql/examples.json")).json();
    const first = fresh(examples[MAIN][0].query);
    const plugin = examplesPlugin(first);
    const root = ReactDOM.createRoot(document.getElementById("graphiql"));
    let visit = 0;
    const render = () =>
      root.render(
        h(GraphiQL, {
          key: (visit += 1), // the schema is asked for again, where it was refused before
          fetcher,
          storage,
          plugins: [plugin],
          visiblePlugin: plugin,
          defaultQuery: first,
          defaultEditorToolsVisibility: false,
          isHeadersEditorEnabled: false,
          shouldPersistHeaders: false,
          showPersistHeadersSettings: false,
        }),
      );
    listen(render);
    render();
    await choose(callerName(), render);
  }

  start();
})();
