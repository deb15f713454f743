/**
 * English words that say nothing of what a text is about: articles, pronouns, prepositions,
 * auxiliaries. Whoever asks for "something for my feet" does not look for "for" and "my".
 */
const FUNCTION_WORDS = new Set(
  (
    'a an the this that these those here there of for to in on at by with from as into about over under than then ' +
    'and or but nor so if not no is am are was were be been being do does did done have has had can could will would ' +
    'shall should may might must i me my mine we us our ours you your yours he him his she her hers it its they them ' +
    'their theirs who whom whose which what when where why how some any all each just very too also'
  ).split(' '),
);

/** The terms of a query that say something; all of them where none does ("the who"). */
export function sayingTerms(terms: readonly string[]): readonly string[] {
  const saying = terms.filter((term) => !FUNCTION_WORDS.has(term));
  return saying.length > 0 ? saying : terms;
}
