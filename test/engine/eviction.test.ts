import {expect} from '@open-wc/testing';
import {chooseEvictions, type Resident} from '../../src/engine/eviction.js';

const resident = (key: string, bytes: number, lastUsed: number, leases = 0): Resident => ({
  key,
  bytes,
  lastUsed,
  leases,
});

describe('chooseEvictions', () => {
  it('lets nothing go while there is room', () => {
    expect(chooseEvictions([resident('a', 40, 1)], 60, 100)).to.deep.equal([]);
  });

  it('lets the least recently used go, and no more than needed', () => {
    const models = [resident('new', 40, 3), resident('old', 30, 1), resident('middle', 20, 2)];
    expect(chooseEvictions(models, 30, 100)).to.deep.equal(['old']);
    expect(chooseEvictions(models, 50, 100)).to.deep.equal(['old', 'middle']);
  });

  it('never lets a leased model go', () => {
    const models = [resident('leased', 60, 1, 2), resident('free', 20, 2)];
    expect(chooseEvictions(models, 40, 100)).to.deep.equal(['free']);
    expect(chooseEvictions(models, 50, 100)).to.equal(undefined);
  });

  it('knows that some models never fit', () => {
    expect(chooseEvictions([], 101, 100)).to.equal(undefined);
    expect(chooseEvictions([], 100, 100)).to.deep.equal([]);
  });
});
