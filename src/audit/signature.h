/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_SIGNATURE_H
#define AUDIT_SIGNATURE_H

#include <stdint.h>

/*
 * Where the arguments are that a person asks for, as a letter for each argument:
 *
 *	d  a descriptor that is acted on      c  a descriptor that the path starts from
 *	p  a path                             P  the second path
 *	f  flags, an int                      g  flags, a long
 *	m  a mode                             h  a struct open_how, its size is the next argument
 *	a  an address                         l  its length
 *	M  a struct msghdr                    V  an array of struct mmsghdr
 *	F  an address family                  T  a socket type      O  a protocol
 *	R  io_uring_register's operation      I  ioctl's request
 *	s  an attribute's name
 *	n  another number, an int             N  the same, a long
 *	.  a pointer, a size and the like: not told
 */

/* Of a system call of this architecture; NULL: it is not known. */
const char *call_signature(unsigned int number);

/*
 * Of an operation of io_uring, whose arguments are, in this order: fd, addr, off, len, op_flags,
 * addr3, addr_len (the low half of file_index). NULL: it is not known.
 */
const char *opcode_signature(unsigned int opcode);

#endif
