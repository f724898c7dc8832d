(function () {
  'use strict';
  var root = document.documentElement;
  root.classList.add('js');

  // The theme: asked for in the address, else chosen before, else the system's.
  var button = document.getElementById('theme');
  function remembered() {
    try { return localStorage.getItem('theme'); } catch (forbidden) { return null; }
  }
  function dark() {
    return root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  }
  function theme(name) {
    if (name === 'dark' || name === 'light') { root.dataset.theme = name; }
    button.setAttribute('aria-pressed', String(dark()));
  }
  theme(new URLSearchParams(location.search).get('theme') || remembered());
  button.addEventListener('click', function () {
    var name = dark() ? 'light' : 'dark';
    theme(name);
    try { localStorage.setItem('theme', name); } catch (forbidden) { /* Then it is not remembered. */ }
  });

  // One tree at a time.
  var wanted = null;
  function showTree() {
    var choice = document.getElementById('tree-choice');
    if (!choice) { return; }
    if (wanted && document.getElementById('tree-' + wanted)) { choice.value = wanted; }
    document.querySelectorAll('[data-tree]').forEach(function (tree) {
      var chosen = tree.dataset.tree === choice.value;
      tree.hidden = !chosen;
      tree.open = chosen;
    });
  }
  document.addEventListener('change', function (event) {
    if (event.target.id === 'tree-choice') { wanted = event.target.value; showTree(); }
  });
  showTree();

  // News of a run that is under way, without losing what the reader has opened.
  var every = Number(root.dataset.refresh) * 1000;
  var seen = null;
  var news = document.getElementById('news');
  function tell(text) {
    if (news.textContent !== text) { news.textContent = text; }
  }
  function update(page) {
    var open = new Set(Array.from(document.querySelectorAll('details[open][id]'), function (one) { return one.id; }));
    var places = Array.from(document.querySelectorAll('main .scroll'), function (one) {
      return [one.id, one.scrollLeft, one.scrollTop];
    });
    var focused = document.activeElement ? document.activeElement.id : '';
    ['main', '#status'].forEach(function (part) {
      document.querySelector(part).replaceWith(document.importNode(page.querySelector(part), true));
    });
    document.querySelectorAll('main details[id]').forEach(function (one) { one.open = one.open || open.has(one.id); });
    showTree();
    places.forEach(function (place) {
      var one = place[0] ? document.getElementById(place[0]) : null;
      if (one) { one.scrollTo(place[1], place[2]); }
    });
    if (focused && document.getElementById(focused)) { document.getElementById(focused).focus({ preventScroll: true }); }
  }
  function look() {
    fetch(location.pathname).then(function (response) {
      if (!response.ok) { throw new Error(response.statusText); }
      var state = response.headers.get('ETag');
      if (state !== null && state === seen) { tell(''); return false; }
      return response.text().then(function (text) {
        var page = new DOMParser().parseFromString(text, 'text/html');
        seen = state;
        update(page);
        var ended = !page.documentElement.dataset.refresh;
        tell(ended ? 'The run has ended.' : '');
        return ended;
      });
    }).catch(function () {
      tell('The report is no longer served. This page keeps looking for it.');
      return false;
    }).then(function (ended) {
      if (!ended) { setTimeout(look, every); }
    });
  }
  if (every) { setTimeout(look, every); }
}());
