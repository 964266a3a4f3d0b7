/*
 * An independent Modbus server for the tests: libmodbus serves words that a file names, on a serial port (RTU) or over TCP.
 *
 *   libmodbus-server rtu PATH BAUD UNIT WORDS        libmodbus-server tcp WORDS
 *
 * WORDS is a file of lines "function address value", decimal; function 3 holding registers, 4 input registers. It prints where it is
 * reached, PATH or a free port of 127.0.0.1, and serves until it is killed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <modbus.h>

enum { ADDRESSES = 65536 };

static int fill(modbus_mapping_t *mapping, const char *path)
{
    FILE *file = fopen(path, "r");
    unsigned function, address, value;

    if (file == NULL)
        return -1;
    while (fscanf(file, "%u %u %u", &function, &address, &value) == 3) {
        if (address >= ADDRESSES || value > UINT16_MAX || (function != 3 && function != 4)) {
            fclose(file);
            errno = EINVAL;
            return -1;
        }
        (function == 3 ? mapping->tab_registers : mapping->tab_input_registers)[address] = (uint16_t)value;
    }
    if (!feof(file))
        errno = EINVAL;
    int all = feof(file) ? 0 : -1;
    fclose(file);
    return all;
}

static void serve(modbus_t *modbus, modbus_mapping_t *mapping)
{
    uint8_t question[MODBUS_MAX_ADU_LENGTH];

    for (;;) {
        int length = modbus_receive(modbus, question);
        if (length > 0)
            modbus_reply(modbus, question, length, mapping);
        else if (length < 0 && errno != EMBBADCRC && errno != ETIMEDOUT)
            return;
    }
}

static int fail(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, modbus_strerror(errno));
    return 1;
}

int main(int argc, char **argv)
{
    int rtu = argc == 6 && strcmp(argv[1], "rtu") == 0;
    int tcp = argc == 3 && strcmp(argv[1], "tcp") == 0;

    if (!rtu && !tcp) {
        fprintf(stderr, "rtu PATH BAUD UNIT WORDS, or tcp WORDS\n");
        return 2;
    }
    modbus_t *modbus = rtu ? modbus_new_rtu(argv[2], atoi(argv[3]), 'N', 8, 1) : modbus_new_tcp("127.0.0.1", 0);
    modbus_mapping_t *mapping = modbus_mapping_new(0, 0, ADDRESSES, ADDRESSES);
    if (modbus == NULL || mapping == NULL)
        return fail("no context");
    if (fill(mapping, argv[argc - 1]) < 0)
        return fail(argv[argc - 1]);
    if (rtu && (modbus_set_slave(modbus, atoi(argv[4])) < 0 || modbus_connect(modbus) < 0))
        return fail(argv[2]);
    int listening = tcp ? modbus_tcp_listen(modbus, 1) : -1;
    struct sockaddr_in own = {0};
    socklen_t size = sizeof own;
    if (tcp && (listening < 0 || getsockname(listening, (struct sockaddr *)&own, &size) < 0))
        return fail("listen");
    if (tcp)
        printf("%d\n", ntohs(own.sin_port));
    else
        printf("%s\n", argv[2]);
    fflush(stdout);
    do {
        if (tcp && modbus_tcp_accept(modbus, &listening) < 0)
            return fail("accept");
        serve(modbus, mapping);
        modbus_close(modbus);
    } while (tcp);
    modbus_mapping_free(mapping);
    modbus_free(modbus);
    return 0;
}
