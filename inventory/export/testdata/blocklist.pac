// AI services that are not allowed here. Made by gnomon 0.1.0 on 2026-11-21; make it anew when the register changes.
// 4 services, 5 hosts, 1 pattern.
// service: 192.0.2.1
// service: Bad
// service: evil 0.0.0.0 bank.test
// service: seen.test
// also blocked: part.test: Part has a part of it
// left out: 192.0.2.1: no name of a host
// left out: both.test: a service that is not blocked has it too
// left out: evil 0.0.0.0 bank.test: no name of a host
// left out: mcp.**: no list can say it
// left out: shared.test: only a part of it belongs to Bad
// left out: site.test: a web site
var blocked = {
  "bad.test": "block",
  "deep.ok.bad.test": "block",
  "only.test": "exact",
  "part.test": "block",
  "seen.test": "exact",
  "ok.bad.test": "allow",
};
var patterns = [
  new RegExp("(^|\\.)ml[^.]*-x\\.[^.]*\\.cloud\\.test$"),
];

function isBlocked(host) {
  host = host.toLowerCase().replace(/\.+$/, "");
  for (var i = 0; i < patterns.length; i++) {
    if (patterns[i].test(host)) return true;
  }
  for (var name = host; ; ) {
    var is = Object.prototype.hasOwnProperty.call(blocked, name) ? blocked[name] : "";
    if (is === "block" || is === "exact" && name === host) return true;
    if (is === "allow" || is === "allow exact" && name === host) return false;
    var dot = name.indexOf(".");
    if (dot < 0) return false;
    name = name.substring(dot + 1);
  }
}

function FindProxyForURL(url, host) {
  return isBlocked(host) ? "PROXY 127.0.0.1:9" : "PROXY 10.0.0.1:8080; DIRECT";
}
