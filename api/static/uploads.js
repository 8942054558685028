// Files of your own into the lab: announced with createUploads, then put straight into object storage.

import { ask } from "./client.js";
import { find } from "./memory.js";

const ANNOUNCE = `mutation CreateUploads($files: [FileInput!]!) { createUploads(input: { files: $files }) {
  ... on UploadsCreated { uploads { id fileName put { url headers { name value } } } } ... on Refusal { message } } }`;

// Answers {id, fileName} of each file, in order; raises an Error that says what is wrong.
export async function upload(files, headers) {
  const announced = await Promise.all([...files].map(announcement));
  const { body } = await ask({ query: ANNOUNCE, variables: { files: announced } }, headers);
  const uploads = body.data?.createUploads?.uploads;
  if (!uploads) throw new Error(find(body, "message") ?? "The upload was not answered.");
  await Promise.all(uploads.map((each, index) => put(each, files[index])));
  return uploads.map(({ id, fileName }) => ({ id, fileName }));
}

async function announcement(file) {
  if (!crypto.subtle) throw new Error("Browsers hash files only on https or localhost; open the explorer there.");
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  const sha256 = [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { fileName: file.name, contentType: file.type, sizeBytes: file.size, sha256 };
}

async function put({ fileName, put: { url, headers } }, file) {
  const kept = headers.filter(({ name }) => !/^(content-length|host)$/i.test(name)).map(({ name, value }) => [name, value]);
  const response = await fetch(url, { method: "PUT", headers: Object.fromEntries(kept), body: file });
  if (!response.ok) throw new Error(`The storage refused ${fileName} with ${response.status}.`);
}
