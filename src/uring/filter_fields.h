/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef URING_FILTER_FIELDS_H
#define URING_FILTER_FIELDS_H

#include "bpf/disasm.h"
#include "uring/opcode.h"

/* What the words of a filter's input are called, for an opcode with that kind of data. */
const struct bpf_field *uring_filter_fields(enum uring_filter_data data);

#endif
