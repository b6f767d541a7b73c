import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.text.Normalizer;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;

/**
 * Reads COUNT Debezium records of TOPIC by Kafka Streams into rows that keep the data standards, and ends:
 * BOOTSTRAP TOPIC COUNT FOLDER FIELDS. FIELDS is a JSON file, field to its kind and its codes.
 */
public class Decode {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int TEXT_LIMIT = 200, KEY_LIMIT = 100;
    private static final long EARLIEST_MS = -2_208_988_800_000L, LATEST_MS = 7_258_118_400_000L;
    private static final Set<String> OPS = Set.of("c", "r", "u", "d");

    record Field(String name, String kind, Set<String> codes) {}

    record Known(String text, LocalDate earliest, LocalDate latest) {}

    record Change(String key, String op, long at, long position, Map<String, Object> row) {}

    private static List<Field> fields;

    public static void main(String[] words) throws Exception {
        fields = fields(new File(words[4]));
        long count = Long.parseLong(words[2]);
        AtomicLong seen = new AtomicLong();
        CountDownLatch all = new CountDownLatch(1);
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "kafka-streams-" + ProcessHandle.current().pid());
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, words[0]);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, words[3]);
        settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        settings.put("auto.offset.reset", "earliest");
        StreamsBuilder plan = new StreamsBuilder();
        plan.<byte[], byte[]>stream(words[1]).map(Decode::decoded).foreach((key, found) -> {
            if (found != null && seen.incrementAndGet() == count) all.countDown();
        });
        KafkaStreams streams = new KafkaStreams(plan.build(), settings);
        streams.start();
        all.await();
        System.out.println(seen.get());
        System.exit(0);
    }

    private static List<Field> fields(File file) throws Exception {
        List<Field> found = new ArrayList<>();
        JSON.readTree(file).properties().forEach(one -> {
            Set<String> codes = new HashSet<>();
            one.getValue().get("codes").forEach(code -> codes.add(code.asText()));
            found.add(new Field(one.getKey(), one.getValue().get("kind").asText(), codes));
        });
        return found;
    }

    /** A record that breaks a standard becomes its message, as it would in the quarantine. */
    private static KeyValue<String, Object> decoded(byte[] key, byte[] value) {
        Object found;
        try {
            found = change(key, value);
        } catch (Exception error) {
            found = String.valueOf(error.getMessage());
        }
        return new KeyValue<>(null, found);
    }

    private static Change change(byte[] rawKey, byte[] value) throws Exception {
        JsonNode envelope = JSON.readTree(value), source = envelope.get("source"), after = envelope.get("after");
        String op = envelope.get("op").asText();
        check(OPS.contains(op), "op");
        String key = key(JSON.readTree(rawKey).get("resident_id"));
        long at = source.get("ts_ms").asLong(), position = source.get("lsn").asLong();
        check(at >= EARLIEST_MS && at < LATEST_MS, "ts_ms");
        check(position >= 0, "lsn");
        if (op.equals("d")) return new Change(key, op, at, position, null);
        check(key.equals(key(after.get("resident_id"))), "resident_id");
        Map<String, Object> row = new HashMap<>();
        for (Field field : fields) {
            JsonNode given = after.get(field.name());
            if (given != null) row.put(field.name(), given.isNull() ? null : read(field, given));
        }
        return new Change(key, op, at, position, row);
    }

    private static String key(JsonNode given) {
        String key = given.asText();
        check(!key.isBlank() && key.length() <= KEY_LIMIT && key.indexOf('\0') < 0, "key");
        return key;
    }

    private static Object read(Field field, JsonNode given) {
        switch (field.kind()) {
            case "bool":
                check(given.isBoolean(), field.name());
                return given.asBoolean();
            case "int":
                check(given.isIntegralNumber(), field.name());
                return given.asLong();
            default:
                check(given.isTextual(), field.name());
        }
        String text = text(field, given.asText());
        if (text == null) return null;
        switch (field.kind()) {
            case "code":
                check(field.codes().contains(text), field.name());
                return text;
            case "partial_date":
                return known(text);
            case "date":
                return LocalDate.parse(text);
            case "instant":
                OffsetDateTime.parse(text);
                return text;
            default:
                return text;
        }
    }

    private static String text(Field field, String given) {
        check(given.indexOf('\0') < 0, field.name());
        String text = Normalizer.normalize(given, Normalizer.Form.NFC).strip();
        check(text.length() <= TEXT_LIMIT, field.name());
        return text.isEmpty() ? null : text;
    }

    private static Known known(String text) {
        if (text.length() == 10) {
            LocalDate day = LocalDate.parse(text);
            return new Known(text, day, day);
        }
        LocalDate first = LocalDate.parse(text.length() == 7 ? text + "-01" : text + "-01-01");
        LocalDate next = text.length() == 7 ? first.plusMonths(1) : first.plusYears(1);
        return new Known(text, first, next.minusDays(1));
    }

    private static void check(boolean good, String what) {
        if (!good) throw new IllegalArgumentException(what);
    }
}
