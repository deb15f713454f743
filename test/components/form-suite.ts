import {expect, fixture} from '@open-wc/testing';
import {sendKeys} from '@web/test-runner-commands';
import type {LatentElement} from '../../components/internal/latent-element.js';
import type {FormControlMembers} from '../../components/internal/form-control.js';
import {record} from './support.js';

/** An element that a form takes for an input. */
type Control = LatentElement &
  Omit<FormControlMembers, 'field'> & {
    value: number | string;
    defaultValue: number | string;
    readonly type: string;
    formStateRestoreCallback(state: string | null): void;
  };

/** What tells one form control from another. */
export interface FormControlCase {
  readonly tag: string;
  /** The attribute of `defaultValue`. */
  readonly attribute: string;
  /** Whether the attribute sets the value whenever it changes, and not only what was never set. */
  readonly attributeSetsValue?: boolean;
  /** As of the native `<input>`. */
  readonly type: string;
  /** What it submits when nothing was set. */
  readonly empty: string;
  /** Three values, none of them `empty`, as a form submits them. */
  readonly values: readonly [string, string, string];
  /** A key that changes the value of a focused one. */
  readonly key: string;
}

/** Runs what every native `<input>` does in a form against an element. */
export function itIsAFormControl(given: FormControlCase): void {
  const {tag, attribute, type, empty, values, key} = given;
  const [first, second, third] = values;

  const inForm = async (content: string) => {
    const form = await fixture<HTMLFormElement>(`<form>${content}</form>`);
    const el = form.querySelector<Control>(tag)!;
    await el.updateComplete;
    return {form, el, data: () => [...new FormData(form)]};
  };
  const markup = (attributes = '') => `<${tag} ${attributes}></${tag}>`;
  const inputOf = (el: Element) => el.shadowRoot!.querySelector('input')!;
  const valueOf = (el: Control) => String(el.value);
  const nameOf = (el: Element) => inputOf(el).getAttribute('aria-label');

  describe(`<${tag}> as a form control`, () => {
    it('submits its value under its name, at once', async () => {
      const {el, data} = await inForm(markup(`name="x" ${attribute}="${first}"`));
      expect(data()).to.deep.equal([['x', first]]);
      el.value = second;
      await el.updateComplete;
      expect(data()).to.deep.equal([['x', second]]);
      el.removeAttribute('name');
      expect(data()).to.deep.equal([]);
      el.name = 'again';
      expect(data()).to.deep.equal([['again', second]]);
    });

    it('submits what is empty when nothing was set', async () => {
      const {data} = await inForm(markup('name="x"'));
      expect(data()).to.deep.equal([['x', empty]]);
    });

    it('is known to its form and its labels', async () => {
      const {form, el} = await inForm(`<label for="c">Smile</label>${markup('id="c" name="x"')}`);
      expect(el.form).to.equal(form);
      expect(form.elements.namedItem('x')).to.equal(el);
      expect(el.type).to.equal(type);
      expect([...el.labels].map(({textContent}) => textContent)).to.deep.equal(['Smile']);
    });

    it('follows its attribute until it is set, and after that as it says', async () => {
      const {el} = await inForm(markup(`${attribute}="${first}"`));
      el.setAttribute(attribute, second);
      expect(valueOf(el)).to.equal(second);
      el.value = third;
      el.setAttribute(attribute, first);
      const expected = given.attributeSetsValue ? first : third;
      expect([el.value, el.defaultValue].map(String)).to.deep.equal([expected, first]);
    });

    it('goes back to its default with a reset, without an event', async () => {
      const {form, el, data} = await inForm(markup(`name="x" ${attribute}="${first}"`));
      const seen = record(el, 'input', 'change');
      el.value = second;
      await el.updateComplete;
      form.reset();
      expect(valueOf(el)).to.equal(first);
      await el.updateComplete;
      expect(data()).to.deep.equal([['x', first]]);
      expect(inputOf(el).value).to.equal(first);
      el.setAttribute(attribute, third);
      expect(valueOf(el), 'it follows its default again').to.equal(third);
      expect(seen).to.deep.equal([]);
    });

    it('is restored by the browser', async () => {
      const {el, data} = await inForm(markup('name="x"'));
      el.formStateRestoreCallback(second);
      await el.updateComplete;
      el.formStateRestoreCallback(null);
      expect(valueOf(el)).to.equal(second);
      expect(data()).to.deep.equal([['x', second]]);
    });

    it('is disabled with its fieldset, and not submitted', async () => {
      const {el, data} = await inForm(`<fieldset>${markup('name="x"')}</fieldset>`);
      const fieldset = el.closest('fieldset')!;
      fieldset.disabled = true;
      await el.updateComplete;
      expect(inputOf(el).disabled).to.equal(true);
      expect(el.disabled, 'its own property is not touched').to.equal(false);
      expect(el.matches(':disabled')).to.equal(true);
      expect(el.willValidate).to.equal(false);
      expect(data()).to.deep.equal([]);
      fieldset.disabled = false;
      await el.updateComplete;
      expect(inputOf(el).disabled).to.equal(false);
      el.disabled = true;
      await el.updateComplete;
      expect(data()).to.deep.equal([]);
    });

    it('is valid until somebody says otherwise', async () => {
      const {form, el} = await inForm(markup('name="x"'));
      const {validity} = el;
      expect([validity.valid, el.checkValidity(), el.validationMessage]).to.deep.equal([
        ...[true, true, ''],
      ]);
      const invalid = record(el, 'invalid');
      el.setCustomValidity('Less, please.');
      expect(el.validity.customError).to.equal(true);
      expect(el.validationMessage).to.equal('Less, please.');
      expect(form.checkValidity()).to.equal(false);
      expect(invalid).to.deep.equal(['invalid']);
      el.setCustomValidity('');
      expect(form.reportValidity()).to.equal(true);
    });

    it('is named by a label with for, which also focuses it', async () => {
      const {form, el} = await inForm(`<label for="c">  Her\n smile </label>${markup('id="c"')}`);
      expect(nameOf(el)).to.equal('Her smile');
      form.querySelector('label')!.click();
      expect(document.activeElement).to.equal(el);
      expect(el.shadowRoot!.activeElement).to.equal(inputOf(el));
      const before = el.value;
      await sendKeys({press: key});
      expect(el.value).not.to.equal(before);
    });

    it('is named by a label around it, by aria-label, and by a label that changes', async () => {
      const around = await inForm(`<label>Smile ${markup()}</label>`);
      expect(nameOf(around.el)).to.equal('Smile');
      const spoken = await inForm(markup('aria-label="Mouth"'));
      expect(nameOf(spoken.el)).to.equal('Mouth');
      const {form, el} = await inForm(`<label for="t">Before</label>${markup('id="t"')}`);
      form.querySelector('label')!.textContent = 'After';
      el.focus();
      await el.updateComplete;
      expect(nameOf(el)).to.equal('After');
    });

    it('focuses its input', async () => {
      const {el} = await inForm(markup());
      el.focus();
      expect(el.shadowRoot!.activeElement).to.equal(inputOf(el));
    });
  });
}
