# SPDX-License-Identifier: Apache-2.0
# The program: start-up, the VMs that run from the start, the shell and the console.
module  := axvisor
needs   := axstd axconfig axhal axalloc axtask axdriver axfs axvcpu axvmconfig axvm
sources := main.c boot_vms.c logo.c console.c editor.c shell.c cmd_sys.c cmd_vm.c cmd_vm_show.c cmd_fs.c cmd_fs_tree.c
