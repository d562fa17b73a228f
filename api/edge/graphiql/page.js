// The token lives in this tab's session storage and goes nowhere but to this API.
"use strict";

(() => {
  const h = React.createElement;
  const TOKEN = "milepost:token";
  const field = document.getElementById("token");
  const caller = document.getElementById("caller");

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

  async function fetcher(operation) {
    const token = sessionStorage.getItem(TOKEN);
    const response = await fetch("graphql", {
      method: "POST",
      credentials: "omit",
      headers: {
        Accept: "application/graphql-response+json, application/json",
        "Content-Type": "application/json",
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
      },
      body: JSON.stringify(operation),
    });
    return response.json();
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

  function examplesPlugin(examples) {
    function Content() {
      const editors = GraphiQL.React.useEditorContext({ nonNull: true });
      const open = (example) => {
        editors.addTab();
        setTimeout(() => editors.queryEditor?.setValue(fresh(example.query)), 0);
      };
      return h(
        React.Fragment,
        null,
        h("div", { className: "graphiql-doc-explorer-title" }, "Examples"),
        h(
          "ul",
          { className: "examples" },
          examples.map((example) =>
            h(
              "li",
              { key: example.title },
              h(
                "button",
                { type: "button", onClick: () => open(example) },
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

  async function showCaller() {
    caller.classList.remove("refused");
    if (!sessionStorage.getItem(TOKEN)) {
      caller.textContent = "no token";
      return;
    }
    try {
      const { data, errors } = await fetcher({ query: "{ viewer { kind scopes } }" });
      const viewer = data?.viewer;
      caller.classList.toggle("refused", !viewer);
      caller.textContent = viewer
        ? [viewer.kind, ...viewer.scopes].join(" · ").toLowerCase()
        : (errors?.[0]?.message ?? "refused");
    } catch {
      caller.classList.add("refused");
      caller.textContent = "no answer";
    }
  }

  async function start() {
    const examples = await (await fetch("graphiql/examples.json")).json();
    const plugin = examplesPlugin(examples);
    const root = ReactDOM.createRoot(document.getElementById("graphiql"));
    let visit = 0;
    const render = () =>
      root.render(
        h(GraphiQL, {
          key: visit,
          fetcher,
          storage,
          plugins: [plugin],
          visiblePlugin: plugin,
          defaultQuery: fresh(examples[0]?.query ?? ""),
          defaultEditorToolsVisibility: "variables",
          isHeadersEditorEnabled: false,
          shouldPersistHeaders: false,
          showPersistHeadersSettings: false,
        }),
      );
    const use = (token) => {
      if (token) sessionStorage.setItem(TOKEN, token);
      else sessionStorage.removeItem(TOKEN);
      visit += 1; // the schema is asked for again, as this caller may see it
      render();
      showCaller();
    };
    document.getElementById("token-form").addEventListener("submit", (event) => {
      event.preventDefault();
      use(field.value.trim());
    });
    document.getElementById("forget").addEventListener("click", () => {
      field.value = "";
      use("");
    });
    field.value = sessionStorage.getItem(TOKEN) ?? "";
    render();
    await showCaller();
  }

  start();
})();
