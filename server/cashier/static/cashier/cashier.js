// The payer's page: tells its order's state every second, and opens it in the app that asks.
"use strict";

const sheet = document.querySelector("main[data-token]");
const words = JSON.parse(document.getElementById("words").textContent);
const part = (id) => document.getElementById(id);
const place = `/v1/pay/${sheet.dataset.token}`;
const OVER = { cancelled: "over", reversed: "over", reversing: "over", declined: "declined", under_review: "checking" };
let isOver = false, opened = false, launched = false, drawn = "";

async function ask(choice) {
  const sent = choice && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(choice) };
  const answer = await fetch(place, sent || {});
  const said = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(said.code), { said });
  return said;
}

function say(text, state = "") {
  part("said").textContent = text;
  sheet.className = `sheet ${state}`;
}

function end(text, state) {
  isOver = true;
  for (const id of ["ways", "open", "code"]) part(id).hidden = true;
  part("left").textContent = state === "paid" ? words.keep : "";
  say(text, state);
}

function left(order) {
  const seconds = Math.max(0, Math.round((new Date(order.expires_at) - Date.now()) / 1000));
  part("left").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

// The one app that asks pays at once; a browser is shown every app that is taken here
function offer(order) {
  const own = sheet.dataset.app, kinds = order.kinds || {};
  if (own && kinds[own] && !opened) return signIn(own, (order.sign_in || {})[own]);
  if (part("ways").childElementCount) return undefined;
  const names = Object.keys(kinds).filter((kind) => words[kind]);
  for (const kind of names) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words[kind];
    button.addEventListener("click", () => choose(kind));
    part("ways").append(button);
  }
  part("ways").hidden = names.length === 0;
  return say(names.length === 0 ? words.no_way : own ? words.other_app : words.choose);
}

// An app that has to say who pays is asked once; it comes back here with what only its channel reads
function signIn(kind, place) {
  const here = new URL(window.location.href), key = `fanpiao ${sheet.dataset.token}`;
  const asked = JSON.parse(sessionStorage.getItem(key) || "null");
  const code = here.searchParams.get("code");
  if (place && code && asked && here.searchParams.get("state") === asked.state) {
    window.history.replaceState(null, "", here.pathname);
    return choose(kind, { way: "page", channel: asked.channel, sign_in_code: code });
  }
  if (!place || code || asked) return choose(kind);
  const state = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  sessionStorage.setItem(key, JSON.stringify({ state, channel: place.channel }));
  const url = new URL(place.url);
  url.searchParams.set("state", state);
  opened = true;
  return window.location.assign(url);
}

async function choose(kind, said = { way: "scan" }) {
  opened = true;
  for (const button of part("ways").children) button.disabled = true;
  say(words.loading);
  try {
    show(await ask({ kind, ...said }));
  } catch (error) {
    if (error.said && said.sign_in_code) return choose(kind);
    for (const button of part("ways").children) button.disabled = false;
    say(error.said ? error.said[document.documentElement.lang.startsWith("zh") ? "text_zh" : "text_en"] : words.no_line);
  }
}

// What the channel opened: a link for the phone it was asked from, a picture for another phone
function waiting(order) {
  part("ways").hidden = true;
  const isLink = /^https?:/.test(order.code_text || "");
  part("open").hidden = !isLink;
  if (isLink) part("link").href = order.code_text;
  part("code").hidden = false;
  if (drawn !== order.code_text) {
    drawn = order.code_text;
    part("picture").src = `/pay/${sheet.dataset.token}/code.svg`;
  }
  say(words.waiting);
  if (isLink && sheet.dataset.app && opened && !sheet.dataset.went) {
    sheet.dataset.went = "1";
    window.location.assign(order.code_text);
  }
}

// Inside WeChat its own sheet asks for the password. What it says proves nothing: the order's state does
function launch(order) {
  part("ways").hidden = true;
  if (sheet.dataset.app !== "wechat" || launched) return undefined;
  launched = true;
  const pay = () => window.WeixinJSBridge.invoke("getBrandWCPayRequest", order.launch, (said) => {
    const isOver = said.err_msg === "get_brand_wcpay_request:ok";
    part("open").hidden = isOver;
    say(isOver ? words.checking : words.waiting);
  });
  part("link").addEventListener("click", (event) => { event.preventDefault(); pay(); });
  say(words.waiting);
  if (window.WeixinJSBridge) return pay();
  return document.addEventListener("WeixinJSBridgeReady", pay, { once: true });
}

function show(order) {
  part("store").textContent = order.store;
  if (order.outcome === "approved") return end(words.paid, "paid");
  if (OVER[order.outcome]) return end(words[OVER[order.outcome]], "over");
  left(order);
  if (order.launch && order.launch.paySign) return launch(order);
  return order.code_text ? waiting(order) : offer(order);
}

async function follow() {
  try {
    if (!document.hidden) show(await ask());
  } catch (error) {
    if (error.said) return end(error.said[document.documentElement.lang.startsWith("zh") ? "text_zh" : "text_en"], "over");
    say(words.no_line);
  }
  if (!isOver) window.setTimeout(follow, 1000);
  return undefined;
}
follow();
