import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AssetHashType, DockerImage } from 'aws-cdk-lib/core';

const FUNCTIONS_DIR = join(import.meta.dirname, '..', '..', 'functions');
/** `.ts`, or `.js` in the built package. */
const EXTENSION = extname(import.meta.filename);

const BUNDLER = join(import.meta.dirname, `bundle-functions${EXTENSION}`);

/** A folder with all bundles, a folder each; `FUNCTION_BUNDLES` names one that is there already. */
let bundles: string | undefined;

/**
 * The bundled code of a function, with the handler `index.handler`. The first that is asked for bundles all, side
 * by side: the CDK would do one after the other.
 *
 * @param name Folder in `functions/`.
 * @param site Folder of a site that lies beside the code, in `site/`.
 */
export function functionCode(name: string, site?: { readonly folder: string; readonly hash: string }): Code {
  return Code.fromAsset(FUNCTIONS_DIR, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // The CDK wants an image for machines that cannot bundle themselves; this can.
      image: DockerImage.fromRegistry('none'),
      // Also what the CDK tells the functions' bundles apart by.
      command: site ? [name, site.hash] : [name],
      local: {
        tryBundle: (outputDir) => {
          bundles ??= process.env.FUNCTION_BUNDLES ?? bundleAll();
          cpSync(join(bundles, name), outputDir, { recursive: true });
          if (site) cpSync(site.folder, join(outputDir, 'site'), { recursive: true });
          return true;
        },
      },
    },
  });
}

/** Bundles every function into a folder that is gone when the process ends. The CDK's bundling cannot wait. */
function bundleAll(): string {
  const folder = mkdtempSync(join(tmpdir(), 'functions-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const { status, stderr, error } = spawnSync(process.execPath, [BUNDLER, folder], {
    encoding: 'utf8',
  });
  if (status !== 0) throw error ?? new Error(`The functions cannot be bundled:\n${stderr}`);
  return folder;
}
