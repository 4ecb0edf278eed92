#!/usr/bin/env python3
"""Refresh the front-end files kept in the tree; run by a developer, never at install time.

Packs each asset of vendor.toml with the ordinary npm client, checks its sha512, copies the named
files and the licence, and writes MANIFEST.json beside them with version, licence and sha256.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def pack(spec: str, folder: Path) -> bytes:
    """The package archive of ``name@version`` as npm serves it."""
    command = ["npm", "pack", "--silent", "--ignore-scripts", spec, "--pack-destination", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return (folder / done.stdout.split()[-1]).read_bytes()


def check(asset: dict[str, Any], archive: bytes) -> str:
    """The archive's integrity string; exits when it is not the one written down."""
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if asset["integrity"] != found:
        sys.exit(f"{asset['npm']}@{asset['version']}: integrity differs, found {found}")
    return found


def unpack(asset: dict[str, Any], archive: Path) -> list[dict[str, Any]]:
    """Copy the named files out of the archive; returns their manifest rows."""
    rows = []
    folder = ROOT / asset["into"]
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as package:
        for source, name in asset["files"].items():
            member = package.extractfile(f"package/{source}")
            if member is None:
                sys.exit(f"{asset['npm']}: no file {source}")
            content = member.read()
            (folder / name).write_bytes(content)
            rows.append({"file": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()})
    return rows


def fetch(asset: dict[str, Any]) -> None:
    """Fetch, check and unpack one asset and write its manifest."""
    with tempfile.TemporaryDirectory() as folder:
        archive = pack(f"{asset['npm']}@{asset['version']}", Path(folder))
        integrity = check(asset, archive)
        path = Path(folder) / "package.tgz"
        path.write_bytes(archive)
        manifest = {
            "npm": asset["npm"],
            "version": asset["version"],
            "licence": asset["licence"],
            "integrity": integrity,
            "files": unpack(asset, path),
        }
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    (ROOT / asset["into"] / "MANIFEST.json").write_text(text, encoding="utf-8")
    print(f"{asset['npm']}@{asset['version']}: {len(manifest['files'])} files")


def main() -> None:
    """Fetch every asset of vendor.toml."""
    for asset in tomllib.loads((ROOT / "scripts" / "vendor.toml").read_text(encoding="utf-8"))["asset"]:
        fetch(asset)


if __name__ == "__main__":
    main()
