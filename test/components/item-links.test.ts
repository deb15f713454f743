import {expect} from '@open-wc/testing';
import {pictureOrigins, pictureUrl} from '../../components/internal/item-links.js';

describe('pictures of items', () => {
  it('come from anywhere where the page gave the items', () => {
    const origins = pictureOrigins({items: [], index: 'https://index.example/a.latents'});
    expect(pictureUrl('https://other.example/a.png', origins)).to.equal(
      'https://other.example/a.png',
    );
  });

  it('of an index or a store come from there and from here, and make the page ask nobody else', () => {
    for (const source of [
      {index: 'https://index.example/a.latents'},
      {store: 'chroma+https://index.example/items'},
    ]) {
      const origins = pictureOrigins(source);
      expect(pictureUrl('https://index.example/a.png', origins)).to.equal(
        'https://index.example/a.png',
      );
      expect(pictureUrl('/a.png', origins)).to.equal('/a.png');
      expect(pictureUrl('data:image/png;base64,AA==', origins)).to.match(/^data:/);
      for (const other of ['https://other.example/a.png', '//other.example/a.png', 'http://[']) {
        expect(pictureUrl(other, origins), other).to.equal(undefined);
      }
    }
  });

  it('are addresses, and nothing else', () => {
    for (const image of [undefined, null, '', 7, {src: '/a.png'}]) {
      expect(pictureUrl(image, undefined)).to.equal(undefined);
    }
    expect(pictureUrl(new URL('https://a.example/b.png'), undefined)).to.equal(
      'https://a.example/b.png',
    );
  });
});
