"use strict";

const message = document.getElementById("message");

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) {
    const said = await answer.json().catch(() => ({}));
    throw new Error(said.detail || "the gateway answered " + answer.status);
  }
  return answer.json().catch(() => ({}));
}

async function act(path, body) {
  try {
    const said = await post(path, body);
    location.replace(said.next || "/"); // "next": where the session at a provider of logins ends
  } catch (err) {
    message.textContent = err.message;
  }
}

// The token of a login link stands behind the "#", which browsers never send.
const token = new URLSearchParams(location.hash.slice(1)).get("token");
if (token) {
  history.replaceState(null, "", "/"); // out of the history before anything else
  act("/api/v1/login", { token });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.post) {
    act(button.dataset.post, {});
    return;
  }
  const { service, verb } = button.dataset;
  const reason = prompt("Why " + verb + " " + service + "?");
  if (reason === null) return;
  act("/api/v1/services/" + encodeURIComponent(service) + "/decision", { verb, reason });
});
