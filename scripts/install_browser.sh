#!/usr/bin/env bash
# Install what the browser tests drive, where it is missing: Chromium and a small Chinese font (Debian, Ubuntu).
set -euo pipefail
if command -v chromium >/dev/null || command -v chromium-browser >/dev/null; then exit 0; fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
echo "安装 Chromium 与中文字体 …"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends chromium fonts-wqy-microhei
chromium --version
