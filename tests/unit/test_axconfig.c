/* unit: axconfig/axconfig.c axconfig/keys.c axconfig/keys_value.c axconfig/keys_text.c axconfig/toml.c axconfig/toml_lex.c axconfig/toml_string.c axconfig/toml_scalar.c axconfig/toml_parse.c axconfig/error.c axstd/arena.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System parameters: defaults < file < boot arguments.
 */
#include <axconfig/axconfig.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "host/host.h"

static struct config_error error;

static int apply(const char *text)
{
	memset(&error, 0, sizeof(error));
	return axconfig_apply_toml(text, strlen(text), "/axvisor.toml", &error);
}

static int start(void **state)
{
	host_log_reset();
	axconfig_apply_args("");
	return apply("log = 'info'\ncolour = true\ncpus = 0\nsched = 'rr'\ntime_slice = 10\nconsole = ''\nroot = ''\n");
}

static void nothing_given_gives_the_defaults(void **state)
{
	const struct axconfig *c = axconfig();

	assert_int_equal(c->log, LOG_INFO);
	assert_true(c->colour);
	assert_int_equal(c->cpus, 0);
	assert_string_equal(c->sched, "rr");
	assert_int_equal(c->time_slice, 10);
	assert_null(c->console);
	assert_null(c->root);
}

static void a_file_overrides_defaults(void **state)
{
	assert_int_equal(apply("log = \"debug\"\ncpus = 2 # of 4\nsched = \"cfs\"\ncolour = false\n"), 0);
	assert_int_equal(axconfig()->log, LOG_DEBUG);
	assert_int_equal(axconfig()->cpus, 2);
	assert_string_equal(axconfig()->sched, "cfs");
	assert_false(axconfig()->colour);
	assert_int_equal(axconfig()->time_slice, 10);
}

static void arguments_override_the_file_which_comes_later(void **state)
{
	axconfig_apply_args("  log=trace cpus=0x4\tconsole=/pl011@9000000 root=ram0\n");
	assert_int_equal(axconfig()->log, LOG_TRACE);
	assert_int_equal(apply("log = \"off\"\ncpus = 1\ntime_slice = 5\nroot = \"vda\""), 0);
	assert_int_equal(axconfig()->log, LOG_TRACE);
	assert_int_equal(axconfig()->cpus, 4);
	assert_int_equal(axconfig()->time_slice, 5);
	assert_string_equal(axconfig()->console, "/pl011@9000000");
	assert_string_equal(axconfig()->root, "ram0");
	assert_string_equal(host_log_text, "");
}

static void a_key_alone_means_true(void **state)
{
	assert_int_equal(apply("colour = false"), 0);
	axconfig_apply_args("colour");
	assert_true(axconfig()->colour);
	axconfig_apply_args("colour=false");
	assert_false(axconfig()->colour);
}

static void wrong_arguments_are_reported_and_ignored(void **state)
{
	axconfig_apply_args("log=loud cpu=2 sched=lottery time_slice=0 cpus=1.5 cpus=many =3 cpus=3");
	assert_int_equal(axconfig()->log, LOG_INFO);
	assert_string_equal(axconfig()->sched, "rr");
	assert_int_equal(axconfig()->time_slice, 10);
	assert_int_equal(axconfig()->cpus, 3);
	assert_non_null(strstr(host_log_text,
			       "boot arguments: log: \"loud\" is not one of \"off\", \"error\", \"warn\", "
			       "\"info\", \"debug\", \"trace\" (ignored)"));
	assert_non_null(strstr(host_log_text, "boot arguments: unknown key 'cpu'; did you mean 'cpus'? (ignored)"));
	assert_non_null(strstr(host_log_text, "sched: \"lottery\" is not one of \"fifo\", \"rr\", \"cfs\""));
	assert_non_null(strstr(host_log_text, "time_slice: 0 is not an integer from 1 to 1000"));
	assert_non_null(strstr(host_log_text, "cpus: must be an integer from 0 to 1024, not a float"));
	assert_non_null(strstr(host_log_text, "cpus: must be an integer from 0 to 1024, not a string"));
	assert_non_null(strstr(host_log_text, "unknown key ''"));
}

static void arguments_without_end_are_cut(void **state)
{
	static char args[4096];

	memset(args, 'x', sizeof(args) - 1);
	memcpy(args, "cpus=2 ", 7);
	axconfig_apply_args(args);
	assert_int_equal(axconfig()->cpus, 2);
	assert_non_null(strstr(host_log_text, "the rest is ignored"));
}

static void a_wrong_file_changes_nothing(void **state)
{
	static const char *const texts[][2] = {
		{ "cpus = 2\nlog = \"debgu\"",
		  "/axvisor.toml:2:7: log: \"debgu\" is not one of \"off\", \"error\", \"warn\", "
		  "\"info\", \"debug\", \"trace\"" },
		{ "cpus = 2\ncpu = 3", "/axvisor.toml:2:1: unknown key 'cpu'; did you mean 'cpus'?" },
		{ "cpus = 2\ncpus = 3", "/axvisor.toml:2:1: 'cpus' is already defined in line 1" },
		{ "cpus = 1025", "/axvisor.toml:1:8: cpus: 1025 is not an integer from 0 to 1024" },
		{ "cpus = 2\nlog", "/axvisor.toml:2:4: expected = after 'log', found the end of the file" },
	};

	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(apply(texts[i][0]), -AX_EINVAL);
		assert_string_equal(error.text, texts[i][1]);
		assert_int_equal(axconfig()->cpus, 0);
	}
}

static void a_huge_file_takes_no_memory_away(void **state)
{
	static char text[20000];

	memset(text, '#', sizeof(text) - 1);
	memcpy(text, "console = \"", 11);
	text[sizeof(text) - 2] = '"';
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(apply(text), -AX_ENOMEM);
	assert_int_equal(apply("console = \"uart0\""), 0);
	assert_string_equal(axconfig()->console, "uart0");
}

static void help_explains_a_parameter(void **state)
{
	char buf[1024];

	assert_int_equal(axconfig_help("time_slice", buf, sizeof(buf)), 0);
	assert_string_equal(buf, "time_slice: an integer from 1 to 1000; default 10\n"
				 "  Milliseconds after which another task gets its turn (rr, cfs).\n");
	assert_int_equal(axconfig_help("tim_slice", buf, sizeof(buf)), -AX_ENOENT);
	assert_string_equal(buf, "there is no key 'tim_slice'; did you mean 'time_slice'?\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_given_gives_the_defaults),
		cmocka_unit_test_setup(a_file_overrides_defaults, start),
		cmocka_unit_test_setup(arguments_override_the_file_which_comes_later, start),
		cmocka_unit_test_setup(a_key_alone_means_true, start),
		cmocka_unit_test_setup(wrong_arguments_are_reported_and_ignored, start),
		cmocka_unit_test_setup(arguments_without_end_are_cut, start),
		cmocka_unit_test_setup(a_wrong_file_changes_nothing, start),
		cmocka_unit_test_setup(a_huge_file_takes_no_memory_away, start),
		cmocka_unit_test_setup(help_explains_a_parameter, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
