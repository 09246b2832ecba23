import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.Base64;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * 给一个请求体签名，打印三个请求头。Signs a body and prints its headers. Java 8, no libraries.
 *
 * javac -encoding UTF-8 Sign.java
 * WEBHOOK_SECRET=whsec_… java Sign BODY_FILE [MESSAGE_ID [TIMESTAMP]]
 */
public final class Sign {

    private static final String PREFIX = "whsec_";

    private Sign() {
    }

    /** Returns the value of webhook-signature. */
    static String signature(String secret, String id, String timestamp, byte[] body) throws Exception {
        String encoded = secret.startsWith(PREFIX) ? secret.substring(PREFIX.length()) : secret;
        byte[] key = Base64.getDecoder().decode(encoded);
        // 签的是字节：请求体不得经过字符串再编码。Bytes are signed: never turn the body into a string.
        ByteArrayOutputStream signed = new ByteArrayOutputStream();
        signed.write((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
        signed.write(body);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(signed.toByteArray()));
    }

    public static void main(String[] args) throws Exception {
        byte[] body = Files.readAllBytes(Paths.get(args[0]));
        String id = args.length > 1 ? args[1] : "msg_" + UUID.randomUUID().toString().replace("-", "");
        String timestamp = args.length > 2 ? args[2] : String.valueOf(System.currentTimeMillis() / 1000);
        String signature = signature(System.getenv("WEBHOOK_SECRET"), id, timestamp, body);
        System.out.print("webhook-id: " + id + "\n"
                + "webhook-timestamp: " + timestamp + "\n"
                + "webhook-signature: " + signature + "\n");
    }
}
