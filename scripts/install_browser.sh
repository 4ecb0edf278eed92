#!/usr/bin/env bash
# Installs what the browser tests drive: Chromium and one small Chinese font (Debian, Ubuntu).
set -euo pipefail
as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
"${as_root[@]}" apt-get update
"${as_root[@]}" apt-get install -y -qq --no-install-recommends chromium fonts-wqy-microhei
chromium --version
