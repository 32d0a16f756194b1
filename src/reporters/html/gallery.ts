import type { RunRecord } from '../../core/record.ts';
import { bytes, fileLink, href, isEvidence, markup, plural, type Markup } from './markup.ts';

/** A picture of the evidence, as the caller read it. */
export interface Picture {
  path: string;
  /** In pixels, where the file says so. */
  width?: number;
  height?: number;
  /** `data:` URL, where it is small enough to be inside the page. */
  inline?: string;
  /** Set where the file is not the one that the record names: it is then not shown. */
  altered?: string;
}

export const isPicture = (path: string): boolean => isEvidence(path) && /\.(?:png|webp|jpe?g)$/i.test(path);

export function gallerySection(record: RunRecord, pictures: readonly Picture[]): Markup | undefined {
  const byPath = new Map(pictures.map((picture) => [picture.path, picture]));
  const shown = record.steps.flatMap((step) =>
    step.evidence.flatMap((file) => (isPicture(file.path) ? [{ step, file, picture: byPath.get(file.path) }] : [])),
  );
  if (shown.length === 0) return undefined;
  return markup`<section id="gallery" aria-labelledby="gallery-h"><h2 id="gallery-h">Pictures</h2><p class="by">${plural(shown.length, 'picture')} in the evidence; each opens at full size.</p><div class="gallery">${shown.map(
    ({ step, file, picture }) => {
      const name = file.path.split('/').pop() ?? file.path;
      const size =
        picture?.width !== undefined && picture.height !== undefined
          ? markup` width="${picture.width}" height="${picture.height}"`
          : undefined;
      return markup`<figure>${
        picture?.altered === undefined
          ? markup`<a href="${href(file.path)}"><img src="${picture?.inline ?? href(file.path)}" ${size} alt="${step.id}: ${name}"/></a>`
          : markup`<p class="bad">${picture.altered}</p>`
      } <figcaption> <b>${name}</b><span class="by">${step.id}, ${bytes(file.bytes)}</span>${fileLink(file.path, 'full size')} </figcaption></figure> `;
    },
  )}</div></section>`;
}
