// SPDX-License-Identifier: LGPL-2.1-or-later
#include "util/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_set(struct error *err, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	err->hint[0] = '\0';
	err->status = 0;
	err->code = code;
	return -code;
}

int error_errno(struct error *err, const char *format, ...)
{
	int code = errno;
	va_list args;
	size_t length;

	va_start(args, format);
	vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	length = strlen(err->message);
	snprintf(err->message + length, sizeof(err->message) - length, ": %s", strerror(code));
	err->hint[0] = '\0';
	err->status = 0;
	err->code = code;
	return -code;
}

int error_wrap(struct error *err, const char *format, ...)
{
	char inner[sizeof(err->message)];
	va_list args;
	size_t length;

	memcpy(inner, err->message, sizeof(inner));
	va_start(args, format);
	vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	length = strlen(err->message);
	snprintf(err->message + length, sizeof(err->message) - length, ": %s", inner);
	return -err->code;
}

void error_hint(struct error *err, const char *format, ...)
{
	va_list args;

	if (err->hint[0])
		return;
	va_start(args, format);
	vsnprintf(err->hint, sizeof(err->hint), format, args);
	va_end(args);
}
