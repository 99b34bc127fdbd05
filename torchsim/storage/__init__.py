"""Runs on disk: a folder each, resumable, in safetensors and JSON; nothing is ever unpickled."""

from __future__ import annotations

from torchsim.storage.checkpoints import FolderCheckpointer as FolderCheckpointer
from torchsim.storage.documents import write as write
from torchsim.storage.folders import begun_in as begun_in
from torchsim.storage.folders import clear as clear
from torchsim.storage.folders import delete as delete
from torchsim.storage.folders import holds_run as holds_run
from torchsim.storage.folders import is_finished as is_finished
from torchsim.storage.folders import latest as latest
from torchsim.storage.folders import load_spec as load_spec
from torchsim.storage.folders import name_of as name_of
from torchsim.storage.folders import name_run as name_run
from torchsim.storage.folders import preset_of as preset_of
from torchsim.storage.folders import runs as runs
from torchsim.storage.folders import start as start
from torchsim.storage.names import check_name as check_name
from torchsim.storage.records import finish as finish
from torchsim.storage.records import load as load
from torchsim.storage.records import save as save
from torchsim.storage.specifications import spec_digest as spec_digest
from torchsim.storage.specifications import spec_from_data as spec_from_data
from torchsim.storage.specifications import spec_to_data as spec_to_data
from torchsim.storage.started import keep_start as keep_start
from torchsim.storage.tensors import weights_bytes as weights_bytes
