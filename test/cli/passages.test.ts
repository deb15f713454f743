import assert from 'node:assert/strict';
import {test} from 'node:test';
import {type Passage, passagesOf} from '../../src/cli/passages.js';
import {throwsLatentError} from '../core/support.js';

const short = (passages: readonly Passage[]) =>
  passages.map(({title, text, anchor}) => [title, text, anchor]);
const body = (html: string, selector?: string) => short(passagesOf(html, selector));

test('a page is cut at its headings, each with the way that leads there', () => {
  assert.deepEqual(
    body(`<title>T</title><p>Before</p><h1 id=a>One</h1><p>1</p><h2><a name=b></a>Two</h2>2
      <section id=c><h2>Three</h2>3</section><div id=d><p>x</p><h2>Four</h2>4</div><h2></h2>end`),
    [
      ['T', 'Before', ''],
      ['One', '1', 'a'],
      ['Two', '2', 'b'],
      ['Three', '3 x', 'c'],
      ['Four', '4', 'c'],
      ['T', 'end', 'c'],
    ],
  );
});

test('blocks are words apart, inline tags are not; entities are read', () => {
  assert.deepEqual(body('<p>a<b>b</b>c<p>d<br>e<ul><li>f<li>g</ul>&amp;&lt;i&gt;&nbsp;h'), [
    ['', 'abc d e f g &<i> h', ''],
  ]);
});

test('what nobody reads is left out, and the sign by which a heading links to itself', () => {
  assert.deepEqual(
    body(`<nav>n</nav><script>s</script><style>s</style><p hidden>h</p><i aria-hidden=true>i</i>
      <template>t</template><svg><title>v</title></svg><!-- c -->
      <h2 id=x>Title<a href=#x> # </a><a href=y> more</a></h2>yes`),
    [['Title more', 'yes', 'x']],
  );
});

test('a page that does not want to be indexed is not', () => {
  for (const content of ['noindex', 'NoIndex, nofollow', 'none, noindex']) {
    assert.deepEqual(body(`<meta name="Robots" content="${content}"><p>text`), []);
  }
  assert.deepEqual(body('<meta name="robots" content="index"><p>text'), [['', 'text', '']]);
});

test('the main content, or what a selector names, once each', () => {
  const page = '<header>h</header><main><p class=a>1<b class=a>2</b></p></main><p class=a>3</p>';
  assert.deepEqual(body(page), [['', '12', '']]);
  assert.deepEqual(body(page, '.a'), [['', '12 3', '']]);
  assert.deepEqual(body(page, 'header, main > p'), [['', 'h 12', '']]);
  assert.deepEqual(body(page, 'article'), []);
  throwsLatentError(() => passagesOf(page, 'p['), 'bad-argument', /"p\["/);
});

test('long passages are cut between blocks or words, nothing is lost', () => {
  const words = Array.from({length: 2000}, (_, i) => `word${i}`);
  const one = passagesOf(`<h1 id=x>T</h1><p>${words.join(' ')}`);
  assert.ok(one.length > 5);
  assert.ok(one.every(({text, anchor}) => text.length <= 2000 && anchor === 'x'));
  assert.equal(one.map(({text}) => text).join(' '), words.join(' '));
  const many = passagesOf(words.map((word) => `<p>${word}`).join(''));
  assert.equal(many.map(({text}) => text).join(' '), words.join(' '));
  assert.ok(many.every(({text}) => text.length < 1100));
  const endless = passagesOf(`<p>${'x'.repeat(5000)}`);
  assert.equal(endless.map(({text}) => text).join(''), 'x'.repeat(5000));
});

test('odd pages', () => {
  for (const html of ['', '   ', '<title>T</title>', '\u0000', '<h1></h1>', '<p>\u200B</p>']) {
    assert.deepEqual(body(html), [], html);
  }
  assert.deepEqual(body('<h1>Only a heading'), [['Only a heading', '', '']]);
  const deep = `${'<div>'.repeat(3000)}deep`;
  assert.deepEqual(body(deep), [['', 'deep', '']]);
});
