/** What the pages ask of a window when they are loaded, for tests that only draw them. */
class Silent {
  postMessage() {}
  addEventListener() {}
}

Object.assign(globalThis, {
  location: { pathname: '/', origin: 'http://test.invalid', search: '' },
  addEventListener: () => {},
  document: { addEventListener: () => {} },
  // Node's own keeps the process from ending.
  BroadcastChannel: Silent,
});
