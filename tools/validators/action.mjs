// SPDX-License-Identifier: Apache-2.0
// Checks action.yml and workflow files with the parser of GitHub's own editor extension.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { validate } from '@actions/languageservice';
import { TextDocument } from 'vscode-languageserver-textdocument';

async function main(files) {
  let problems = 0;
  for (const file of files) {
    const document = TextDocument.create(`file://${resolve(file)}`, 'yaml', 1, readFileSync(file, 'utf8'));
    for (const { range, message } of await validate(document, {})) {
      ++problems;
      console.log(`${file}:${range.start.line + 1}:${range.start.character + 1}: ${message}`);
    }
  }
  process.exit(problems ? 1 : 0);
}

main(process.argv.slice(2));
