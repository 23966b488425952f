// A person at a browser: Chromium, driven by Playwright, against a running server.
//
// Argument: JSON with `base`, `password`, `secret` (of alder's authenticator app), `request` (path of
// a request for authorization), `back` (where its answer goes), `modules` (folder of node_modules),
// `chromium` and, to keep pictures, `pictures`. Ends with 0 if everything was as it should be.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const given = JSON.parse(process.argv[2]);
const require = createRequire(join(given.modules, "here.js"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
if (given.pictures) mkdirSync(given.pictures, { recursive: true });

/** The code of an authenticator app (RFC 6238), `ahead` steps from now. */
const totp = (secret, ahead = 0) => {
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret.replaceAll(" ", "")]
    .map((c) => digits.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((eight) => parseInt(eight, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + ahead));
  const tag = createHmac("sha1", key).update(step).digest();
  const at = tag[19] & 15;
  return String((tag.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, "0");
};

const browser = await chromium.launch({
  executablePath: given.chromium,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

/** What a page says against itself: broken policies, faults of scripts. */
const complaints = [];

const open = async () => {
  const context = await browser.newContext();
  context.setDefaultTimeout(10000);
  const page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (line) => {
    const expected = line.text().startsWith("Failed to load resource");
    if (line.type() === "error" && !expected) complaints.push(line.text());
  });
  const devtools = await context.newCDPSession(page);
  return { page, devtools, go: (path) => page.goto(given.base + path) };
};

/** Wide and light, then narrow and dark: no rule of accessibility broken, nothing cut off. */
const check = async ({ page, devtools }, name) => {
  const looks = [["light", 1024, 768], ["dark", 320, 640]];
  for (const [colorScheme, width, height] of looks) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    const within = await page.evaluate(
      () => document.documentElement.scrollWidth <= document.documentElement.clientWidth);
    assert.ok(within, `${name} is wider than ${width} pixels`);
    // Past the page's policy, which would rightly refuse it.
    await devtools.send("Runtime.evaluate", { expression: axe });
    const { result } = await devtools.send("Runtime.evaluate", {
      expression: "axe.run({ resultTypes: ['violations'] }).then((r) => JSON.stringify("
        + "r.violations.map((v) => [v.id, v.help, v.nodes.map((n) => n.html)])))",
      awaitPromise: true, returnByValue: true,
    });
    assert.deepEqual(JSON.parse(result.value), [], `${name}, ${colorScheme}`);
    if (given.pictures) {
      const path = join(given.pictures, `${name}-${colorScheme}.png`);
      await page.screenshot({ path, fullPage: true });
    }
  }
  await page.setViewportSize({ width: 1024, height: 768 });
};

const alert = (page) => page.getByRole("alert").filter({ hasText: /./ }).innerText();

/** Fills in login and password and sends them, by keyboard alone. */
const type = async ({ page }, login, password) => {
  await page.getByLabel("Login").selectText();
  await page.keyboard.type(login);
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Sign in");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
};

const heading = (page) => page.getByRole("heading", { level: 1 }).innerText();

const steps = {
  async "a wrong password is told, the right one and a code let in"(alder) {
    const { page, go } = alder;
    await go("/auth/sign-in");
    await check(alder, "sign-in");
    await type(alder, "alder", "not the password");
    assert.match(await alert(page), /did not match/);
    assert.match(await page.title(), /^Error: Sign in/);
    await check(alder, "wrong-password");
    await type(alder, "alder", given.password);
    assert.equal(await heading(page), "Second step");
    await check(alder, "second-factor");
    await page.getByLabel(/authenticator app/).fill("000000");
    await page.getByRole("button", { name: "Go on" }).click();
    assert.match(await alert(page), /did not match/);
    await page.getByLabel(/authenticator app/).fill(totp(given.secret));
    await page.getByRole("button", { name: "Go on" }).click();
    await page.waitForURL("**/auth/sessions");
    await check(alder, "sessions");
  },

  async "a passkey is added and signs in"(alder) {
    const { page, devtools, go } = alder;
    await devtools.send("WebAuthn.enable");
    await devtools.send("WebAuthn.addVirtualAuthenticator", { options: {
      protocol: "ctap2", transport: "internal", hasResidentKey: true,
      hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true,
    } });
    await go("/auth/account");
    await check(alder, "account");
    await page.getByLabel("Name of this device or key").fill("Ward tablet");
    await Promise.all([
      page.waitForNavigation(), page.getByRole("button", { name: "Add a passkey" }).click()]);
    assert.ok(await page.getByText("Ward tablet").isVisible());
    await check(alder, "account-passkey");
    await page.getByRole("button", { name: "Add a passkey" }).click();
    assert.match(await alert(page), /already has a passkey/);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL("**/auth/sign-in");
    await Promise.all([
      page.waitForURL("**/auth/sessions"),
      page.getByRole("button", { name: "Sign in with a passkey" }).click()]);
    await go("/auth/account");
    await page.getByRole("button", { name: "Remove Ward tablet" }).click();
    await page.waitForURL("**/auth/account");
    assert.equal(await page.getByText("Ward tablet").count(), 0);
    await page.getByRole("button", { name: "Sign out" }).click();
    await Promise.all([
      page.waitForResponse("**/auth/passkey/sign-in"),
      page.getByRole("button", { name: "Sign in with a passkey" }).click()]);
    assert.match(await alert(page), /did not match/);
  },

  async "a role is chosen, an app is allowed and ended"() {
    const birch = await open();
    const { page, go } = birch;
    await go(given.request);
    await type(birch, "birch", given.password);
    assert.equal(await heading(page), "Choose a role");
    await check(birch, "role");
    await page.getByRole("radio", { name: /^clinician/ }).check();
    await page.getByRole("button", { name: "Go on" }).click();
    assert.equal(await heading(page), "Pick a patient");
    await page.getByLabel("Name begins with").fill("Willow");
    await page.getByRole("button", { name: "Search" }).click();
    await check(birch, "patient");
    await page.getByRole("link", { name: /Willow/ }).click();
    assert.equal(await heading(page), "Allow this app?");
    await check(birch, "consent");
    await Promise.all([
      page.waitForURL(given.back + "?code=*"),
      page.getByRole("button", { name: "Allow", exact: true }).click()]);
    await go(given.request + "&accord_patient=pat-willow");
    await page.getByRole("button", { name: "Do not allow" }).click();
    await page.waitForURL(given.back + "?error=access_denied*");
    await go("/auth/sessions");
    assert.ok(await page.getByText("know who you are").count() === 0, "no token was fetched");
  },

  async "an authenticator app is set up, the password is changed"() {
    const cedar = await open();
    const { page, go } = cedar;
    await go("/auth/sign-in?next=/auth/account");
    await type(cedar, "cedar", given.password);
    await page.getByRole("link", { name: "Set up" }).click();
    await check(cedar, "app");
    const secret = await page.locator("code").innerText();
    await page.getByLabel(/six digits/).fill(totp(secret));
    await page.getByRole("button", { name: "Go on" }).click();
    assert.equal(await heading(page), "Recovery codes");
    await check(cedar, "recovery-codes");
    const code = await page.locator(".codes code").first().innerText();
    await page.getByRole("link", { name: "I have kept them" }).click();
    await page.getByLabel("New password").fill("another long password");
    await page.getByRole("button", { name: "Change password" }).click();
    await page.waitForURL("**/auth/sign-in?**");
    await type(cedar, "cedar", "another long password");
    await page.getByLabel(/authenticator app/).fill(code.toLowerCase());
    await page.getByRole("button", { name: "Go on" }).click();
    await page.waitForURL("**/auth/account");
    assert.ok(await page.getByText("Recovery codes left: 7").isVisible());
  },

  async "who fails too often waits"() {
    const rowan = await open();
    await rowan.go("/auth/sign-in");
    for (let at = 0; at < 5; at += 1) await type(rowan, "rowan", "not the password");
    await type(rowan, "rowan", given.password);
    assert.match(await alert(rowan.page), /too many attempts/i);
    await check(rowan, "locked");
    await rowan.go("/auth/join");
    await check(rowan, "join");
  },
};

try {
  const alder = await open();
  for (const [name, step] of Object.entries(steps)) {
    await step(alder).catch((error) => {
      throw new Error(`${name}: ${error.message}`, { cause: error });
    });
  }
  assert.deepEqual(complaints, []);
} finally {
  await browser.close();
}
