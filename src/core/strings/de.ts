import type {Strings} from './strings.js';

/** The interface in German: `configure({strings: de})`. */
export const de: Strings = {
  lang: 'de',
  load: '{size} laden',
  loading: 'Wird geladen',
  retry: 'Noch einmal',
  play: 'Abspielen',
  pause: 'Anhalten',
  image: 'Bild',
  unreadable: {
    one: '{count} Eintrag war nicht lesbar.',
    other: '{count} Einträge waren nicht lesbar.',
  },

  morph: 'Verwandlung',
  'morph-of': 'Verwandlung: {images}',

  slider: 'Regler',
  examples: 'Beispiele',
  'no-direction':
    'Noch fehlt eine Richtung: Sie braucht einen Namen oder Beispielbilder von beiden Arten.',
  'few-examples':
    'Ob so wenige Beispiele sich einig sind, lässt sich nicht sagen. Drei von jeder Art, die sich nur in ' +
    'einem unterscheiden, genügen.',
  'weak-direction':
    'Die Beispiele sind sich nur zum Teil einig. Mehr davon, die sich nur in einem unterscheiden, helfen.',
  'chance-direction':
    'Die Beispiele ergeben keine Richtung, die besser wäre als Zufall. Es braucht Bilder von jeder Art, die ' +
    'sich nur in einem unterscheiden.',

  'generated-image': 'Erzeugtes Bild',
  prompt: 'Beschreibung',
  strength: 'Stärke',
  seed: 'Startwert',
  'new-seed': 'Neuer Startwert',
  generate: 'Erzeugen',
  cancel: 'Abbrechen',
  vary: 'Abwandeln',
  variations: 'Abwandlungen',
  variation: 'Abwandlung {number}',
  'known-words': 'Was dieses Modell kennt',
  walk: 'Rundgang um {image}: mit Ziehen oder den Pfeiltasten',
  across: 'Seitwärts',
  up: 'Aufwärts',

  search: 'Suche',
  results: 'Treffer',
  'remove-picture': 'Nicht nach diesem Bild suchen',
  'by-words': 'Bisher nach Wörtern; die Suche nach der Bedeutung wird geladen {share} …',
  'no-words': 'Keine solchen Wörter; die Suche nach der Bedeutung wird geladen {share} …',
  'words-only': 'Nur nach Wörtern gefunden.',
  'nothing-found': 'Nichts gefunden.',
  'nothing-found-for': 'Nichts gefunden zu „{query}“.',
  unsure: 'Nichts passt gut. Am nächsten:',
  'result-count': '{count} Treffer.',

  map: 'Karte',
  'zoom-in': 'Vergrößern',
  'zoom-out': 'Verkleinern',
  'show-all': 'Alles zeigen',
  'show-table': 'Als Tabelle zeigen',
  'picture-here': 'Das Bild an dieser Stelle',
  item: 'Eintrag',
  group: 'Gruppe',
  'in-group': '{item}. Gruppe: {group}.',
  more: 'noch {count} …',
  'nothing-to-draw': 'Nichts zu zeichnen.',
  'found-of': '{count} von {total} gefunden.',

  'error-network': 'Das ließ sich nicht laden. Besteht eine Verbindung?',
  'error-not-found': 'Etwas, das hierher gehört, fehlt.',
  'error-integrity': 'Eine Datei kam beschädigt an.',
  'error-bad-pack': 'Dieses Modell ist nicht brauchbar.',
  'error-bad-image': 'Dieses Bild ist nicht lesbar.',
  'error-tainted-image': 'Dieses Bild darf nicht gelesen werden.',
  'error-bad-index': 'Der Suchindex ist nicht lesbar.',
  'error-space-mismatch': 'Das stammt aus verschiedenen Modellen und passt nicht zusammen.',
  'error-unsupported': 'Das geht hier nicht.',
  'error-device-lost': 'Der Grafikprozessor ist ausgefallen.',
  'error-out-of-memory': 'Dafür reicht der Speicher nicht.',
  'error-worker-crashed': 'Das ließ sich nicht berechnen.',
  'error-bad-argument': 'Das ist nicht richtig eingerichtet.',
  'error-aborted': 'Das wurde abgebrochen.',
};
