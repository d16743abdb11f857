/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef UTIL_ESCAPE_H
#define UTIL_ESCAPE_H

#include <stddef.h>
#include <stdio.h>

/*
 * Names, paths and arguments are bytes that somebody else chose, and a terminal obeys control
 * characters: what is one (C0, DEL, and C1, which UTF-8 writes as two bytes), and what is no UTF-8,
 * is written as \xNN, byte by byte.
 */

/* The bytes at @text, of @length, that are one character to be written as it is; 0: escape. */
size_t escape_plain(const char *text, size_t length);

/* Writes @length bytes of @text. */
void escape_write(FILE *file, const char *text, size_t length);

/* The same between double quotes, those and backslashes in it escaped too: it ends where it ends.
 */
void escape_quote(FILE *file, const char *text);

#endif
