"use strict";
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const narrow = matchMedia("(max-width: 640px)");
  const plots = [];
  const light = { ink: "#3f4753", card: "#ffffff", line: "#d5d9e0" };
  const night = { ink: "#b8c0cc", card: "#1b212b", line: "#3a4352" };

  // Colours the figure's own layout does not set are ours to choose: they follow the page.
  const colours = () => {
    const c = dark.matches ? night : light;
    return {
      "font.color": c.ink,
      "hoverlabel.bgcolor": c.card, "hoverlabel.bordercolor": c.line, "hoverlabel.font.color": c.ink,
      "modebar.bgcolor": "rgba(0,0,0,0)", "modebar.color": c.line, "modebar.activecolor": c.ink,
    };
  };

  async function unpack(text) {
    const bytes = Uint8Array.from(atob(text.trim()), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  }

  // On screen the plot takes the place of the static drawing, which stays for paper and for where no plot comes about.
  async function draw(figure) {
    const place = figure.querySelector(".pod-plot");
    const json = figure.querySelector(".pod-figure-json");
    const told = JSON.parse(json.type === "text/plain" ? await unpack(json.textContent) : json.textContent);
    place.style.height = place.dataset.height + "px";
    figure.classList.add("drawn"); // what is not shown has no size to be drawn at
    await Plotly.newPlot(place, told.data, told.layout, { ...told.config, displayModeBar: narrow.matches ? false : "hover" });
    const size = narrow.matches ? { "font.size": 11 } : {};
    await Plotly.relayout(place, { ...colours(), ...size });
    plots.push(place);
  }

  // The rest of a very long table. What is unpacked was escaped when it was packed, and the page's policy stands behind.
  async function unpackRows() {
    if (typeof DecompressionStream === "undefined") return;
    for (const rest of document.querySelectorAll(".pod-rest")) {
      rest.outerHTML = await unpack(rest.querySelector(".pod-packed").textContent);
    }
    if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }

  async function drawAll() {
    const packed = document.getElementById("plotly-gz");
    const figures = [...document.querySelectorAll(".pod-figure")];
    if (!packed || !figures.length || typeof DecompressionStream === "undefined") return;
    const script = document.createElement("script");
    script.textContent = await unpack(packed.textContent);
    document.head.append(script);
    if (typeof Plotly === "undefined") return;
    for (const figure of figures) {
      try { await draw(figure); } catch (error) {
        figure.classList.remove("drawn");
        console.error(figure.id, error);
      }
    }
  }

  function follow() {
    const links = new Map([...document.querySelectorAll(".toc a")].map((a) => [a.hash.slice(1), a]));
    const seen = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting || !links.has(entry.target.id)) continue;
        links.forEach((a) => a.removeAttribute("aria-current"));
        links.get(entry.target.id).setAttribute("aria-current", "true");
      }
    }, { rootMargin: "-10% 0px -75% 0px" });
    document.querySelectorAll("main > section").forEach((s) => seen.observe(s));
  }

  dark.addEventListener("change", () => plots.forEach((p) => Plotly.relayout(p, colours())));
  // Where the contents stand above the page and not beside it, page one comes first.
  if (matchMedia("(max-width: 1320px)").matches) document.querySelector(".toc details")?.removeAttribute("open");
  follow();
  unpackRows().then(drawAll).then(() => root.classList.add("ready"));
})();
