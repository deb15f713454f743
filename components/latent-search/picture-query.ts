/** A picture to search by, and where an `<img>` finds it. */
export interface QueryPicture {
  readonly image: Blob | URL;
  readonly url: string;
}

/** The picture that a visitor searches by: a file that was dropped or pasted, or a link that was dropped. */
export class PictureQuery {
  readonly #takes: () => boolean;
  readonly #changed: () => void;
  #picture: QueryPicture | undefined;
  #dropping = false;

  /** `takes` tells whether a picture can be searched by; `changed` hears of every change. */
  constructor(takes: () => boolean, changed: () => void) {
    this.#takes = takes;
    this.#changed = changed;
  }

  get picture(): QueryPicture | undefined {
    return this.#picture;
  }

  /** Whether one is held over the field. */
  get dropping(): boolean {
    return this.#dropping;
  }

  /** Searches by this picture from now on; by none without one. */
  take(image: Blob | URL | undefined): void {
    if (image === this.#picture?.image) return;
    if (this.#picture?.image instanceof Blob) URL.revokeObjectURL(this.#picture.url);
    this.#picture = image && {
      image,
      url: image instanceof Blob ? URL.createObjectURL(image) : image.href,
    };
    this.#changed();
  }

  readonly dragOver = (event: DragEvent): void => {
    const types = event.dataTransfer?.types ?? [];
    if (!this.#takes() || !(types.includes('Files') || types.includes(LINKS))) return;
    event.preventDefault();
    this.#drag(true);
  };

  readonly dragLeave = (): void => this.#drag(false);

  readonly drop = (event: DragEvent): void => {
    this.#drag(false);
    const {dataTransfer} = event;
    this.#give(event, fileOf(dataTransfer) ?? linkOf(dataTransfer));
  };

  readonly paste = (event: ClipboardEvent): void => {
    this.#give(event, fileOf(event.clipboardData));
  };

  #give(event: Event, image: Blob | URL | undefined): void {
    if (!image || !this.#takes()) return;
    event.preventDefault();
    this.take(image);
  }

  #drag(over: boolean): void {
    if (over === this.#dropping) return;
    this.#dropping = over;
    this.#changed();
  }
}

const LINKS = 'text/uri-list';

function fileOf(data: DataTransfer | null): Blob | undefined {
  return [...(data?.files ?? [])].find(({type}) => type.startsWith('image/'));
}

// Of a picture of some page, most browsers hand over the address only.
function linkOf(data: DataTransfer | null): URL | undefined {
  const lines = data?.getData(LINKS).split(/\r?\n/) ?? [];
  const link = lines.find((line) => line !== '' && !line.startsWith('#'));
  return link !== undefined && URL.canParse(link) ? new URL(link) : undefined;
}
