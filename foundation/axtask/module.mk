# SPDX-License-Identifier: Apache-2.0
module  := axtask
needs   := axstd axconfig axhal axalloc
sources := task.c sched.c runq.c sched_policy.c sched_fifo.c sched_rr.c sched_cfs.c timer.c wait.c mutex.c
hot     := sched.c runq.c sched_rr.c sched_fifo.c sched_cfs.c timer.c wait.c
