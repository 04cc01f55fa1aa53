import { create as contentDisposition } from 'content-disposition';
import type { Download, DownloadFile } from '#schema/entities';

/** What it is called in the header: a tar, or bytes. */
export function contentTypeOf({ content }: Pick<DownloadFile, 'content'>): string {
  return content === 'MEDIA' ? 'application/x-tar' : 'application/octet-stream';
}

/** Changes with the bytes and with nothing else. */
export function etagOf({ sha256 }: Pick<DownloadFile, 'sha256'>): string {
  return `"${sha256}"`;
}

/** What is said of a file whatever part of it is answered. */
export function fileHeaders(download: Download, file: DownloadFile): Record<string, string> {
  return {
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'private, no-store, no-transform',
    'Content-Disposition': contentDisposition(file.name),
    'Content-Type': contentTypeOf(file),
    ETag: etagOf(file),
    'Last-Modified': (download.finishedAt ?? download.createdAt).toUTCString(),
  };
}
