// SPDX-License-Identifier: LGPL-2.1-or-later
#include "audit/ioctl_name.h"

#include <linux/fs.h>
#include <stddef.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "policy/names.h"

#define ENTRY(request)                                                                             \
	{                                                                                          \
#request, (uint32_t)(request)                                                      \
	}

static const struct name requests[] = {
	ENTRY(TIOCSTI),		ENTRY(TIOCLINUX),    ENTRY(TIOCEXCL),	   ENTRY(TIOCNXCL),
	ENTRY(TIOCSETD),	ENTRY(TIOCSCTTY),    ENTRY(TIOCNOTTY),	   ENTRY(TIOCGPGRP),
	ENTRY(TIOCSPGRP),	ENTRY(TIOCGSID),     ENTRY(TIOCGWINSZ),	   ENTRY(TIOCSWINSZ),
	ENTRY(TIOCCONS),	ENTRY(TIOCGPTN),     ENTRY(TIOCSPTLCK),	   ENTRY(TCGETS),
	ENTRY(TCSETS),		ENTRY(TCSETSW),	     ENTRY(TCSETSF),	   ENTRY(TCSBRK),
	ENTRY(TCXONC),		ENTRY(TCFLSH),	     ENTRY(FIONREAD),	   ENTRY(FIONBIO),
	ENTRY(FIOASYNC),	ENTRY(FIOCLEX),	     ENTRY(FIONCLEX),	   ENTRY(FIGETBSZ),
	ENTRY(FICLONE),		ENTRY(FICLONERANGE), ENTRY(FIDEDUPERANGE), ENTRY(FS_IOC_GETFLAGS),
	ENTRY(FS_IOC_SETFLAGS), ENTRY(BLKGETSIZE64), ENTRY(BLKDISCARD),	   ENTRY(SIOCGIFCONF),
	ENTRY(SIOCGIFNAME),	ENTRY(SIOCGIFFLAGS), ENTRY(SIOCSIFFLAGS),  ENTRY(SIOCGIFADDR),
	ENTRY(SIOCGIFINDEX),	ENTRY(SIOCGIFMTU),   ENTRY(SIOCOUTQ),	   { NULL, 0 },
};

const char *ioctl_name(uint32_t request)
{
	return name_of(requests, request);
}
