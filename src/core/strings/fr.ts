import type {Strings} from './strings.js';

/** The interface in French: `configure({strings: fr})`. */
export const fr: Strings = {
  lang: 'fr',
  load: 'Charger {size}',
  loading: 'Chargement',
  retry: 'Réessayer',
  play: 'Lecture',
  pause: 'Pause',
  image: 'Image',
  unreadable: {
    one: '{count} élément n’a pas pu être lu.',
    other: '{count} éléments n’ont pas pu être lus.',
  },

  morph: 'Métamorphose',
  'morph-of': 'Métamorphose : {images}',

  slider: 'Curseur',
  examples: 'Exemples',
  'no-direction':
    'Il n’y a pas encore de direction : donnez-en le nom, ou des images d’exemple des deux sortes.',
  'few-examples':
    'Si peu d’exemples ne disent pas s’ils concordent. Trois de chaque sorte, qui ne diffèrent qu’en une ' +
    'chose, le disent.',
  'weak-direction':
    'Les exemples ne concordent qu’en partie. D’autres, qui ne diffèrent qu’en une chose, aideront.',
  'chance-direction':
    'Les exemples ne donnent aucune direction meilleure que le hasard. Il faut des images de chaque sorte qui ' +
    'ne diffèrent qu’en une chose.',

  'generated-image': 'Image générée',
  prompt: 'Description',
  strength: 'Intensité',
  seed: 'Graine',
  'new-seed': 'Nouvelle graine',
  generate: 'Générer',
  cancel: 'Annuler',
  vary: 'Varier',
  variations: 'Variantes',
  variation: 'Variante {number}',
  'known-words': 'Ce que ce modèle connaît',
  walk: 'Promenade autour de {image} : en glissant ou avec les flèches',
  across: 'En largeur',
  up: 'En hauteur',

  search: 'Recherche',
  results: 'Résultats',
  'remove-picture': 'Ne pas chercher d’après cette image',
  'by-words': 'D’après les mots seuls ; la recherche par le sens se charge {share} …',
  'no-words': 'Aucun de ces mots ; la recherche par le sens se charge {share} …',
  'words-only': 'Trouvé d’après les mots seuls.',
  'nothing-found': 'Aucun résultat.',
  'nothing-found-for': 'Aucun résultat pour « {query} ».',
  unsure: 'Rien ne convient bien. Le plus proche :',
  'result-count': {one: '{count} résultat.', other: '{count} résultats.'},

  map: 'Carte',
  'zoom-in': 'Agrandir',
  'zoom-out': 'Réduire',
  'show-all': 'Tout montrer',
  'show-table': 'Montrer en tableau',
  'picture-here': 'L’image qui se trouve ici',
  item: 'Élément',
  group: 'Groupe',
  'in-group': '{item}. Groupe : {group}.',
  more: 'encore {count} …',
  'nothing-to-draw': 'Rien à dessiner.',
  'found-of': {one: '{count} sur {total} trouvé.', other: '{count} sur {total} trouvés.'},

  'error-network': 'Le chargement a échoué. Y a-t-il une connexion ?',
  'error-not-found': 'Il manque ici quelque chose.',
  'error-integrity': 'Un fichier est arrivé endommagé.',
  'error-bad-pack': 'Ce modèle est inutilisable.',
  'error-bad-image': 'Cette image est illisible.',
  'error-tainted-image': 'Cette image ne peut pas être lue ici.',
  'error-bad-index': 'L’index de recherche est illisible.',
  'error-space-mismatch': 'Cela vient de modèles différents et ne va pas ensemble.',
  'error-unsupported': 'C’est impossible ici.',
  'error-device-lost': 'Le processeur graphique s’est arrêté.',
  'error-out-of-memory': 'La mémoire ne suffit pas.',
  'error-worker-crashed': 'Le calcul a échoué.',
  'error-bad-argument': 'Ceci n’est pas bien configuré.',
  'error-aborted': 'Cela a été annulé.',
};
