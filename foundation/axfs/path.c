/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <axfs/fs.h>
#include <axstd/error.h>

int fs_path_join(const char *cwd, const char *path, char out[FS_PATH_MAX])
{
	const char *const halves[2] = { *path == '/' ? "" : cwd, path };
	size_t len = 0, n;

	for (unsigned i = 0; i < 2; i++) {
		for (const char *p = halves[i]; *p; p += n) {
			p += strspn(p, "/");
			n = strcspn(p, "/");
			if (!n || (n == 1 && p[0] == '.'))
				continue;
			if (n == 2 && p[0] == '.' && p[1] == '.') {
				while (len && out[--len] != '/')
					;
				continue;
			}
			if (len + 1 + n >= FS_PATH_MAX)
				return -AX_ENAMETOOLONG;
			out[len++] = '/';
			memcpy(out + len, p, n);
			len += n;
		}
	}
	if (!len)
		out[len++] = '/';
	out[len] = '\0';
	return 0;
}
